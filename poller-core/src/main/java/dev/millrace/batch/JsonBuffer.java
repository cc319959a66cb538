package dev.millrace.batch;

import java.util.Arrays;
import java.util.Base64;

/**
 * Writes compact JSON as UTF-8 into a buffer that grows as needed, or into an array that is large enough. One buffer serves many records, so that each costs one
 * array of its exact size. Non-ASCII text is written as UTF-8, as AWS does, and not escaped; only a surrogate without its
 * partner, which UTF-8 cannot hold, is. Owned by one thread.
 */
public final class JsonBuffer {

    private static final int CHUNK = 1024;

    /** Bytes of the longest form of one char: a backslash, u and four digits. */
    private static final int LONGEST = 6;

    /** Room for base64 grows in steps up to this size, then as needed. */
    private static final int LARGEST_SPARE = 1 << 20;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** By ASCII char: 0 stands for itself, u needs a numeric escape, anything else follows a backslash. */
    private static final byte[] ESCAPES = escapes();

    private byte[] bytes;
    private int size;
    private final boolean grows;

    /** Where base64 is made, since the JDK's fast encoder writes to the beginning of an array only. */
    private byte[] scratch = {};

    /**
     * An empty buffer.
     *
     * @param capacity bytes expected; more is possible
     */
    public JsonBuffer(int capacity) {
        bytes = new byte[capacity];
        grows = true;
    }

    private JsonBuffer(byte[] array, int from) {
        bytes = array;
        size = from;
        grows = false;
    }

    /** Writes into this array from that place on; it must have room for all that is written. */
    public static JsonBuffer into(byte[] array, int from) {
        return new JsonBuffer(array, from);
    }

    private static byte[] escapes() {
        byte[] escapes = new byte[128];
        Arrays.fill(escapes, 0, 0x20, (byte) 'u');
        escapes['"'] = '"';
        escapes['\\'] = '\\';
        escapes['\b'] = 'b';
        escapes['\f'] = 'f';
        escapes['\n'] = 'n';
        escapes['\r'] = 'r';
        escapes['\t'] = 't';
        return escapes;
    }

    /** Writes bytes that are JSON already. */
    public JsonBuffer raw(byte[] json) {
        ensure(json.length);
        System.arraycopy(json, 0, bytes, size, json.length);
        size += json.length;
        return this;
    }

    /** Writes one ASCII character that is JSON already. */
    public JsonBuffer raw(char ascii) {
        ensure(1);
        bytes[size++] = (byte) ascii;
        return this;
    }

    /** Writes text that is JSON already, all of it ASCII. */
    @SuppressWarnings("deprecation") // Wrong for other text only, and for ASCII many times as fast as encoding it.
    public JsonBuffer raw(String ascii) {
        int length = ascii.length();
        ensure(length);
        ascii.getBytes(0, length, bytes, size);
        size += length;
        return this;
    }

    /** Writes a whole number of 0 or more. */
    public JsonBuffer number(long value) {
        int digits = lengthOf(value);
        ensure(digits);
        long rest = value;
        for (int at = size + digits - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    /** Writes a JSON string that holds the bytes in base64. */
    public JsonBuffer base64(byte[] data) {
        int length = lengthOfBase64(data) - 2;
        if (scratch.length < length) {
            scratch = new byte[Math.max(length, Math.min(2 * scratch.length, LARGEST_SPARE))];
        }
        Base64.getEncoder().encode(data, scratch);
        ensure(length + 2);
        bytes[size] = '"';
        System.arraycopy(scratch, 0, bytes, size + 1, length);
        bytes[size + 1 + length] = '"';
        size += length + 2;
        return this;
    }

    /** Writes a JSON string, quoted and escaped. */
    public JsonBuffer string(String text) {
        raw('"');
        int length = text.length();
        for (int from = 0; from < length; ) {
            from = chunk(text, from, Math.min(length, from + CHUNK));
        }
        return raw('"');
    }

    /** Writes up to the end, or one char more where a pair of surrogates stands across it; returns where it stopped. */
    private int chunk(String text, int from, int end) {
        if (bytes.length - size < (end - from) * LONGEST) {
            // The exact length takes another look at each char, so it is asked for only when room is short.
            ensure(lengthOf(text, from, end));
        }
        byte[] out = bytes;
        int at = size;
        int i = from;
        for (; i < end; i++) {
            char c = text.charAt(i);
            if (c < 0x80 && ESCAPES[c] == 0) {
                out[at++] = (byte) c;
            } else if (c < 0x80) {
                at = escape(c, out, at);
            } else if (c < 0x800) {
                out[at++] = (byte) (0xC0 | (c >> 6));
                out[at++] = (byte) (0x80 | (c & 0x3F));
            } else if (!Character.isSurrogate(c)) {
                out[at++] = (byte) (0xE0 | (c >> 12));
                out[at++] = (byte) (0x80 | ((c >> 6) & 0x3F));
                out[at++] = (byte) (0x80 | (c & 0x3F));
            } else if (startsPair(text, i)) {
                at = supplementary(text.codePointAt(i), out, at);
                i++;
            } else {
                at = numericEscape(c, out, at);
            }
        }
        size = at;
        return i;
    }

    private static boolean startsPair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private static int supplementary(int codePoint, byte[] out, int at) {
        out[at] = (byte) (0xF0 | (codePoint >> 18));
        out[at + 1] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
        out[at + 2] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        out[at + 3] = (byte) (0x80 | (codePoint & 0x3F));
        return at + 4;
    }

    private static int escape(char c, byte[] out, int at) {
        byte escape = ESCAPES[c];
        if (escape == 'u') {
            return numericEscape(c, out, at);
        }
        out[at] = '\\';
        out[at + 1] = escape;
        return at + 2;
    }

    private static int numericEscape(char c, byte[] out, int at) {
        out[at] = '\\';
        out[at + 1] = 'u';
        out[at + 2] = HEX[c >> 12];
        out[at + 3] = HEX[(c >> 8) & 0xF];
        out[at + 4] = HEX[(c >> 4) & 0xF];
        out[at + 5] = HEX[c & 0xF];
        return at + LONGEST;
    }

    /** Bytes of what {@link #base64} writes. */
    public static int lengthOfBase64(byte[] data) {
        return Math.addExact(Math.multiplyExact(Math.ceilDiv(data.length, 3), 4), 2);
    }

    /** Bytes of what {@link #number} writes. */
    public static int lengthOf(long value) {
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /** Bytes of what {@link #string} writes. */
    public static int lengthOf(String text) {
        return 2 + lengthOf(text, 0, text.length());
    }

    private static int lengthOf(String text, int from, int end) {
        int length = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length += lengthOfAscii(c);
            } else if (c < 0x800) {
                length += 2;
            } else if (!Character.isSurrogate(c)) {
                length += 3;
            } else if (startsPair(text, i)) {
                length += 4;
                i++;
            } else {
                length += LONGEST;
            }
        }
        return length;
    }

    private static int lengthOfAscii(char c) {
        return switch (ESCAPES[c]) {
            case 0 -> 1;
            case 'u' -> LONGEST;
            default -> 2;
        };
    }

    /** How much has been written into the array, with what was there before. */
    public int end() {
        return size;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            if (!grows) {
                throw new IllegalStateException("no room for " + more + " more bytes");
            }
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }

    /** What was written since the last call, as an array of its own; the buffer is empty afterwards. */
    public byte[] take() {
        byte[] taken = Arrays.copyOf(bytes, size);
        size = 0;
        return taken;
    }
}
