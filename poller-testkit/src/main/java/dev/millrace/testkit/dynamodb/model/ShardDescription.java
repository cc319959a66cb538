package dev.millrace.testkit.dynamodb.model;

import org.jspecify.annotations.Nullable;

/**
 * A shard as DescribeStream tells of it.
 *
 * @param parent the shard that it follows, which may be gone; null for one created with the stream
 * @param ending where the closed shard ends; null while it is open
 */
public record ShardDescription(
        String shardId,
        @Nullable String parent,
        String starting,
        @Nullable String ending) {

    public boolean isOpen() {
        return ending == null;
    }
}
