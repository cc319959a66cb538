package dev.millrace.testkit.dynamodb.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.OperationType;

/**
 * What happened to one item.
 *
 * @param keys the item's primary key
 * @param oldImage the item before; null when there was none, or the stream does not tell
 * @param newImage the item afterwards; null when there is none, or the stream does not tell
 * @param time when it happened
 * @param expired whether DynamoDB itself deleted the item because its time to live was over
 */
public record Change(
        OperationType operation,
        Map<String, AttributeValue> keys,
        @Nullable Map<String, AttributeValue> oldImage,
        @Nullable Map<String, AttributeValue> newImage,
        Instant time,
        boolean expired) {

    public Change {
        keys = Map.copyOf(keys);
        oldImage = oldImage == null ? null : Map.copyOf(oldImage);
        newImage = newImage == null ? null : Map.copyOf(newImage);
    }

    /** What happened to an item of these images, of which at least one is there. */
    public static Change of(
            Map<String, AttributeValue> keys,
            @Nullable Map<String, AttributeValue> oldImage,
            @Nullable Map<String, AttributeValue> newImage,
            Instant time) {
        OperationType operation = OperationType.MODIFY;
        if (oldImage == null) {
            operation = OperationType.INSERT;
        } else if (newImage == null) {
            operation = OperationType.REMOVE;
        }
        return new Change(operation, keys, oldImage, newImage, time, false);
    }

    /** The same, because the item's time to live was over. */
    public Change byTimeToLive() {
        return new Change(operation, keys, oldImage, newImage, time, true);
    }
}
