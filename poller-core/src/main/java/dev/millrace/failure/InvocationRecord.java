package dev.millrace.failure;

import dev.millrace.batch.JsonBuffer;
import dev.millrace.invoke.Payload;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * What a destination is told of a discard: AWS's invocation record (spec 4.6). Made by {@link InvocationRecords}.
 *
 * @param id the discard's own; the same however often its record is delivered, so that a destination can name what it keeps
 *     after it, and tell a record that comes twice
 * @param mapping UUID of the mapping
 * @param shardId the shard
 * @param timestamp when the records were given up; the one in the document
 * @param document the record as a JSON object: metadata only
 * @param event the event that the function would get with these records
 */
public record InvocationRecord(
        UUID id, UUID mapping, String shardId, Instant timestamp, Payload document, Payload event) {

    private static final Payload PAYLOAD = Payload.ofText(",\"payload\":");
    private static final Payload END = Payload.ofText("}");

    /**
     * The document with the event as its last member: {@code "payload":"<the event, escaped>"}, as AWS writes it for S3.
     * Serialised at each call, since most destinations never ask; it is about as long as the event and a tenth.
     */
    public Payload withPayload() {
        byte[] metadata = document.bytes();
        byte[] escaped = new JsonBuffer(Math.toIntExact(event.size() + event.size() / 8 + 2))
                .string(event.text())
                .take();
        return Payload.joined(
                List.of(Payload.of(Arrays.copyOf(metadata, metadata.length - 1)), PAYLOAD, Payload.of(escaped), END));
    }
}
