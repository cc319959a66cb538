package dev.millrace.testkit.dynamodb;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/**
 * What a table is made like.
 *
 * @param name 3 characters at least
 * @param keys the partition key, and the sort key if there is one
 * @param view what the records of its stream hold
 */
public record TableShape(String name, List<KeyAttribute> keys, StreamViewType view) {

    /** An attribute of the primary key. */
    public record KeyAttribute(String name, ScalarAttributeType type) {}

    public TableShape {
        keys = List.copyOf(keys);
        if (keys.isEmpty() || keys.size() > 2) {
            throw new IllegalArgumentException("a table has a partition key and perhaps a sort key: " + keys);
        }
    }

    /** A table with a name of its own, the partition key {@code id}, a text, and both images in its stream. */
    public static TableShape simple() {
        return new TableShape(
                "millrace-" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE),
                List.of(new KeyAttribute("id", ScalarAttributeType.S)),
                StreamViewType.NEW_AND_OLD_IMAGES);
    }

    public TableShape named(String other) {
        return new TableShape(other, keys, view);
    }

    public TableShape withSortKey(String attribute, ScalarAttributeType type) {
        List<KeyAttribute> both = new ArrayList<>(keys.subList(0, 1));
        both.add(new KeyAttribute(attribute, type));
        return new TableShape(name, both, view);
    }

    public TableShape withView(StreamViewType other) {
        return new TableShape(name, keys, other);
    }
}
