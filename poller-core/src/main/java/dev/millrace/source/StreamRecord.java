package dev.millrace.source;

import dev.millrace.invoke.Payload;
import java.time.Instant;

/**
 * One record of a shard as polled.
 *
 * @param sequenceNumber its position; names the record in batch item failures
 * @param key records of one key are processed in order: the partition key (Kinesis), the item's key (DynamoDB)
 * @param arrival {@code ApproximateArrivalTimestamp} or {@code ApproximateCreationDateTime}
 * @param json the record as it stands in the event, serialised once
 * @param matched false when the mapping's filters refuse the record
 */
public record StreamRecord(SequenceNumber sequenceNumber, String key, Instant arrival, Payload json, boolean matched) {}
