package dev.millrace.dynamodbstore;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Reads and writes attributes of items. What is null is left out of an item. */
final class Attributes {

    private Attributes() {}

    static void putText(Map<String, AttributeValue> item, String name, @Nullable String value) {
        if (value != null) {
            item.put(name, AttributeValue.fromS(value));
        }
    }

    static AttributeValue number(long value) {
        return AttributeValue.fromN(Long.toString(value));
    }

    /**
     * A text that every item of this kind has.
     *
     * @throws IllegalArgumentException when this one has not
     */
    static String text(Map<String, AttributeValue> item, String name) {
        String text = textOrNull(item, name);
        if (text == null) {
            throw new IllegalArgumentException("no attribute " + name + " in " + item.keySet());
        }
        return text;
    }

    static @Nullable String textOrNull(Map<String, AttributeValue> item, String name) {
        AttributeValue value = item.get(name);
        return value == null ? null : value.s();
    }

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException when there is none
     */
    static long number(Map<String, AttributeValue> item, String name) {
        AttributeValue value = item.get(name);
        if (value == null || value.n() == null) {
            throw new IllegalArgumentException("no number " + name + " in " + item.keySet());
        }
        return Long.parseLong(value.n());
    }
}
