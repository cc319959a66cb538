package dev.millrace.kinesis;

import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads one protobuf message field by field: {@link #next()} goes to the next field, then exactly one call takes its value
 * or skips it. Owned by one thread.
 */
final class ProtobufReader {

    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FOUR_BYTES = 5;

    private static final int WIRE_TYPE_BITS = 3;
    private static final int LONGEST_VARINT_SHIFT = 63;

    /** The bytes are no protobuf message. */
    static final class DamagedException extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;

        DamagedException(String what) {
            super(what);
        }
    }

    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int wireType;

    /** The message from one index to before another. */
    ProtobufReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** Goes to the next field; false when there is none. */
    boolean next() throws DamagedException {
        if (at == end) {
            return false;
        }
        long tag = varint();
        if (tag >>> WIRE_TYPE_BITS == 0 || tag >>> Integer.SIZE != 0) {
            throw new DamagedException("no field has this number");
        }
        field = (int) (tag >>> WIRE_TYPE_BITS);
        wireType = (int) tag & ((1 << WIRE_TYPE_BITS) - 1);
        return true;
    }

    /** The current field's number. */
    int field() {
        return field;
    }

    /** The current field's value as an unsigned number. */
    long number() throws DamagedException {
        expect(VARINT);
        return varint();
    }

    /** The current field's value as UTF-8 text. */
    String text() throws DamagedException {
        int length = length();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    /** The current field's value as an array of its own. */
    byte[] bytes() throws DamagedException {
        int length = length();
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    /** The current field's value as a message. */
    ProtobufReader message() throws DamagedException {
        int length = length();
        ProtobufReader message = new ProtobufReader(bytes, at, at + length);
        at += length;
        return message;
    }

    /** Leaves the current field's value out. */
    void skip() throws DamagedException {
        switch (wireType) {
            case VARINT -> varint();
            case EIGHT_BYTES -> skip(Long.BYTES);
            case LENGTH_DELIMITED -> skip(length());
            case FOUR_BYTES -> skip(Integer.BYTES);
            default -> throw new DamagedException("no field has this type");
        }
    }

    private void skip(int count) throws DamagedException {
        if (count > end - at) {
            throw new DamagedException("a field is longer than its message");
        }
        at += count;
    }

    private int length() throws DamagedException {
        expect(LENGTH_DELIMITED);
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new DamagedException("a field is longer than its message");
        }
        return (int) length;
    }

    private void expect(int type) throws DamagedException {
        if (wireType != type) {
            throw new DamagedException("a field is of another type");
        }
    }

    private long varint() throws DamagedException {
        long value = 0;
        for (int shift = 0; shift <= LONGEST_VARINT_SHIFT; shift += 7) {
            if (at == end) {
                throw new DamagedException("a number breaks off");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new DamagedException("a number is too long");
    }
}
