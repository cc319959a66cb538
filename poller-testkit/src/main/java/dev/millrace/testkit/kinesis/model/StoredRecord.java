package dev.millrace.testkit.kinesis.model;

import dev.millrace.invoke.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** One record of a shard. */
public record StoredRecord(String sequenceNumber, Instant arrival, String partitionKey, Payload data) {

    /** Bytes as Kinesis counts them: data and partition key. */
    public long size() {
        return sizeOf(partitionKey, data);
    }

    static long sizeOf(String partitionKey, Payload data) {
        return data.size() + partitionKey.getBytes(StandardCharsets.UTF_8).length;
    }
}
