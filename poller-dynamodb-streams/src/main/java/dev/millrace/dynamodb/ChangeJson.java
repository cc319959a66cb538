package dev.millrace.dynamodb;

import dev.millrace.batch.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Identity;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.StreamRecord;

/**
 * Writes changes of items as they stand in the event, in the order of members of AWS's own events (spec 7.1). Attributes come
 * in no order of their own, so they are written in the order of their names: the same change always gives the same bytes.
 * One thread's, for one answer.
 */
final class ChangeJson {

    /** Of all records since 2016; servers that do not tell it mean this one. */
    private static final String EVENT_VERSION = "1.1";

    private final String streamArn;
    private final String region;
    private final JsonBuffer out = new JsonBuffer(4_096);

    /**
     * Writes into a buffer of its own.
     *
     * @param region for records that do not tell theirs
     */
    ChangeJson(String streamArn, String region) {
        this.streamArn = streamArn;
        this.region = region;
    }

    /**
     * The item that was changed: its key attributes with their types, in the order of their names. Of two items it is never
     * the same, of one item always.
     */
    byte[] keys(StreamRecord change) {
        if (!change.hasKeys()) {
            throw new IllegalArgumentException("it does not tell the item's key");
        }
        attributes(change.keys());
        return out.take();
    }

    /**
     * The record.
     *
     * @param keys what {@link #keys} gave
     */
    byte[] of(Record record, byte[] keys) {
        out.raw("{\"eventID\":").string(record.eventID());
        out.raw(",\"eventName\":").string(record.eventNameAsString());
        out.raw(",\"eventVersion\":").string(orElse(record.eventVersion(), EVENT_VERSION));
        out.raw(",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":").string(orElse(record.awsRegion(), region));
        change(record.dynamodb(), keys);
        Identity identity = record.userIdentity();
        if (identity != null) {
            out.raw(",\"userIdentity\":{\"principalId\":").string(identity.principalId());
            out.raw(",\"type\":").string(identity.type()).raw('}');
        }
        out.raw(",\"eventSourceARN\":").string(streamArn).raw('}');
        return out.take();
    }

    private static String orElse(@Nullable String told, String otherwise) {
        return told == null ? otherwise : told;
    }

    private void change(StreamRecord change, byte[] keys) {
        // A number with a fraction, of whole seconds, as in AWS's own events.
        long created = change.approximateCreationDateTime().getEpochSecond();
        out.raw(",\"dynamodb\":{\"ApproximateCreationDateTime\":")
                .number(created)
                .raw(".0");
        out.raw(",\"Keys\":").raw(keys);
        if (change.hasNewImage()) {
            out.raw(",\"NewImage\":");
            attributes(change.newImage());
        }
        if (change.hasOldImage()) {
            out.raw(",\"OldImage\":");
            attributes(change.oldImage());
        }
        out.raw(",\"SequenceNumber\":").string(change.sequenceNumber());
        if (change.sizeBytes() != null) {
            out.raw(",\"SizeBytes\":").number(change.sizeBytes());
        }
        if (change.streamViewType() != null) {
            out.raw(",\"StreamViewType\":").string(change.streamViewTypeAsString());
        }
        out.raw('}');
    }

    private void attributes(Map<String, AttributeValue> attributes) {
        String[] names = attributes.keySet().toArray(String[]::new);
        Arrays.sort(names);
        char separator = '{';
        for (String name : names) {
            out.raw(separator).string(name).raw(':');
            value(attributes.get(name));
            separator = ',';
        }
        out.raw(names.length == 0 ? "{}" : "}");
    }

    private void value(@Nullable AttributeValue value) {
        if (value == null) {
            throw new IllegalArgumentException("an attribute has no value");
        }
        switch (value.type()) {
            case S -> out.raw("{\"S\":").string(value.s());
            // A number of up to 38 digits, as the text that DynamoDB gives.
            case N -> out.raw("{\"N\":").string(value.n());
            case B -> out.raw("{\"B\":").base64(value.b().asByteArrayUnsafe());
            case SS -> list("{\"SS\":", value.ss(), out::string);
            case NS -> list("{\"NS\":", value.ns(), out::string);
            case BS -> list("{\"BS\":", value.bs(), bytes -> out.base64(bytes.asByteArrayUnsafe()));
            case M -> {
                out.raw("{\"M\":");
                attributes(value.m());
            }
            case L -> list("{\"L\":", value.l(), this::value);
            case BOOL -> out.raw("{\"BOOL\":").raw(value.bool() ? "true" : "false");
            case NUL -> out.raw("{\"NULL\":").raw(value.nul() ? "true" : "false");
            case UNKNOWN_TO_SDK_VERSION -> throw new IllegalArgumentException("an attribute is of an unknown type");
        }
        out.raw('}');
    }

    private <T> void list(String type, List<T> values, Consumer<T> writer) {
        out.raw(type).raw('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            writer.accept(values.get(i));
        }
        out.raw(']');
    }

    /** The text of what {@link #keys} gave. */
    static String text(byte[] keys) {
        return new String(keys, StandardCharsets.UTF_8);
    }
}
