package dev.millrace.testkit.dynamodb.model;

import dev.millrace.testkit.service.HashKeyRange;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * One record of a shard.
 *
 * @param position what its sequence number stands for; ascends in the stream, with gaps in a shard
 * @param eventId 32 hexadecimal digits
 */
public record StoredChange(long position, String eventId, Change change) {

    static StoredChange of(String streamArn, long position, Change change) {
        String id = String.format(Locale.ROOT, "%032x", HashKeyRange.keyOf(streamArn + "|" + position));
        return new StoredChange(position, id, change);
    }

    public String sequenceNumber() {
        return SequenceNumbers.print(position);
    }

    /** Bytes of keys and images, about as DynamoDB counts them. */
    public long size() {
        return size(change.keys()) + size(change.oldImage()) + size(change.newImage());
    }

    private static long size(@Nullable Map<String, AttributeValue> item) {
        if (item == null) {
            return 0;
        }
        return item.entrySet().stream()
                .mapToLong(attribute -> utf8(attribute.getKey()) + size(attribute.getValue()))
                .sum();
    }

    private static long size(AttributeValue value) {
        return switch (value.type()) {
            case S -> utf8(value.s());
            case N -> utf8(value.n());
            case B -> value.b().asByteArrayUnsafe().length;
            case SS -> value.ss().stream().mapToLong(StoredChange::utf8).sum();
            case NS -> value.ns().stream().mapToLong(StoredChange::utf8).sum();
            case BS ->
                value.bs().stream()
                        .mapToLong(bytes -> bytes.asByteArrayUnsafe().length)
                        .sum();
            case M -> size(value.m());
            case L -> value.l().stream().mapToLong(StoredChange::size).sum();
            case BOOL, NUL, UNKNOWN_TO_SDK_VERSION -> 1;
        };
    }

    private static long utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
