package dev.millrace.testkit.kinesis.model;

import java.time.Duration;
import java.util.List;

/**
 * What a read of a shard brings.
 *
 * @param next index of the record that follows, whether or not it exists yet
 * @param behind how long before now the last record read arrived; zero at the tip
 * @param atEnd whether the shard is closed and nothing follows
 */
public record ReadResult(List<StoredRecord> records, long next, Duration behind, boolean atEnd) {

    public ReadResult {
        records = List.copyOf(records);
    }

    public long bytes() {
        return records.stream().mapToLong(StoredRecord::size).sum();
    }
}
