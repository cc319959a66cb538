package dev.millrace.failure;

import dev.millrace.invoke.Payload;
import java.time.Instant;
import java.util.UUID;

/**
 * What a destination is told of a discard: AWS's invocation record (spec 4.6).
 *
 * @param mapping UUID of the mapping
 * @param shardId the shard
 * @param timestamp when the records were given up; the one in the document
 * @param document the record as JSON: metadata only
 * @param event the event that the function would get with these records
 */
public record InvocationRecord(UUID mapping, String shardId, Instant timestamp, Payload document, Payload event) {}
