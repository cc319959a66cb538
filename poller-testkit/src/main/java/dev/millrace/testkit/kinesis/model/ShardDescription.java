package dev.millrace.testkit.kinesis.model;

import dev.millrace.testkit.service.HashKeyRange;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shard as Kinesis lists it.
 *
 * @param parent the shard that was split, or merged into its neighbour; null for one created with the stream
 * @param adjacentParent the neighbour of a merge; null otherwise
 * @param ending where the closed shard ends; null while it is open
 */
public record ShardDescription(
        String shardId,
        @Nullable String parent,
        @Nullable String adjacentParent,
        HashKeyRange range,
        String starting,
        @Nullable String ending) {

    public boolean isOpen() {
        return ending == null;
    }

    /** None, one or both of the parents. */
    public List<String> parents() {
        return Stream.of(parent, adjacentParent).flatMap(Stream::ofNullable).toList();
    }
}
