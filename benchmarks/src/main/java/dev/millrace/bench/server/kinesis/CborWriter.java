package dev.millrace.bench.server.kinesis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** CBOR 1.1 as AWS writes it (RFC 8949): lists without a length, times as tag 1 with whole milliseconds. */
final class CborWriter extends WireWriter {
    private static final int UNSIGNED = 0;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int MAP = 5;
    private static final int EPOCH_TAG = 0xC1;
    private static final int EIGHT_BYTES = 0x1B;
    private static final int LIST_WITHOUT_LENGTH = 0x9F;
    private static final int BREAK = 0xFF;
    private static final int FALSE = 0xF4;
    private static final int TRUE = 0xF5;

    @Override
    void beginMap(int members) {
        head(MAP, members);
    }

    @Override
    void endMap() {
        // Its length said where it ends.
    }

    @Override
    void name(String name, boolean first) {
        text(name);
    }

    @Override
    void beginList() {
        octet(LIST_WITHOUT_LENGTH);
    }

    @Override
    void beginItem(boolean first) {
        // Items stand side by side.
    }

    @Override
    void endList() {
        octet(BREAK);
    }

    @Override
    void text(String value) {
        byte[] letters = value.getBytes(StandardCharsets.US_ASCII);
        head(TEXT, letters.length);
        raw(letters);
    }

    @Override
    void number(long value) {
        head(UNSIGNED, value);
    }

    @Override
    void flag(boolean value) {
        octet(value ? TRUE : FALSE);
    }

    @Override
    void binary(byte[] value) {
        head(BYTES, value.length);
        raw(value);
    }

    @Override
    void time(long epochMillis) {
        octet(EPOCH_TAG);
        octet(EIGHT_BYTES);
        raw(millis(epochMillis));
    }

    @Override
    int textOffset(int letters) {
        return size() + headLength(letters);
    }

    /** The eight bytes behind the two that say what they are. */
    static byte[] millis(long epochMillis) {
        return ByteBuffer.allocate(Long.BYTES).putLong(epochMillis).array();
    }

    private void head(int major, long value) {
        int length = headLength(value) - 1;
        int type = major << 5;
        if (length == 0) {
            octet(type | (int) value);
            return;
        }
        octet(type + 24 + Integer.numberOfTrailingZeros(length));
        for (int shift = (length - 1) * 8; shift >= 0; shift -= 8) {
            octet((int) (value >>> shift) & 0xFF);
        }
    }

    private static int headLength(long value) {
        if (value < 24) {
            return 1;
        }
        if (value < 1 << 8) {
            return 2;
        }
        if (value < 1 << 16) {
            return 3;
        }
        return value < 1L << 32 ? 5 : 9;
    }
}
