package dev.millrace.testkit.dynamodb.model;

import java.util.List;

/**
 * What a read of a shard brings.
 *
 * @param next position at which the next read begins
 * @param atEnd whether the shard is closed and nothing follows
 */
public record ChangeRead(List<StoredChange> records, long next, boolean atEnd) {

    public ChangeRead {
        records = List.copyOf(records);
    }
}
