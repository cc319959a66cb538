package dev.millrace.bench.server.kinesis;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Writes the answers of {@link CannedKinesis} in one of the two formats that Kinesis speaks. Used to build, not to serve. */
abstract sealed class WireWriter permits CborWriter, JsonWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** How many bytes were written: the place where the next value begins. */
    final int size() {
        return bytes.size();
    }

    final byte[] toByteArray() {
        return bytes.toByteArray();
    }

    final void octet(int value) {
        bytes.write(value);
    }

    final void raw(byte[] value) {
        bytes.writeBytes(value);
    }

    final void ascii(String value) {
        raw(value.getBytes(StandardCharsets.US_ASCII));
    }

    /** A map in the order of its entries, of text, whole numbers, booleans, times, lists and maps. */
    final void value(Object value) {
        switch (value) {
            case Map<?, ?> members -> {
                beginMap(members.size());
                boolean first = true;
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    name(String.valueOf(member.getKey()), first);
                    value(member.getValue());
                    first = false;
                }
                endMap();
            }
            case List<?> items -> {
                beginList();
                for (int i = 0; i < items.size(); i++) {
                    beginItem(i == 0);
                    value(items.get(i));
                }
                endList();
            }
            case Number number -> number(number.longValue());
            case Boolean flag -> flag(flag);
            case Instant time -> time(time.toEpochMilli());
            default -> text(value.toString());
        }
    }

    abstract void beginMap(int members);

    abstract void endMap();

    abstract void name(String name, boolean first);

    abstract void beginList();

    abstract void beginItem(boolean first);

    abstract void endList();

    /** Without characters that would have to be escaped. */
    abstract void text(String value);

    abstract void number(long value);

    abstract void flag(boolean value);

    abstract void binary(byte[] value);

    /** A time stamp; the same number of bytes for every time from 2002 to 2286. */
    abstract void time(long epochMillis);

    /** Where a text's first letter stands when {@link #text} is called now. */
    abstract int textOffset(int letters);
}
