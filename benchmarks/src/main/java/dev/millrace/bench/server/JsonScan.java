package dev.millrace.bench.server;

import java.nio.charset.StandardCharsets;

/**
 * Finds the few fields that the canned servers need in a request's JSON without parsing it: enough for what the AWS SDKs
 * send, which never nest these names and never escape these values.
 */
public final class JsonScan {
    private final byte[] bytes;
    private final int to;
    private int at;

    public JsonScan(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.to = to;
    }

    /** Moves behind the next {@code quotedName} and its colon; false when there is none. */
    public boolean next(byte[] quotedName) {
        for (int i = at; i + quotedName.length < to; i++) {
            if (bytes[i] == '"' && matches(i, quotedName)) {
                int value = skipBlanks(i + quotedName.length);
                if (value < to && bytes[value] == ':') {
                    at = skipBlanks(value + 1);
                    return true;
                }
            }
        }
        return false;
    }

    private boolean matches(int start, byte[] quotedName) {
        for (int i = 1; i < quotedName.length; i++) {
            if (bytes[start + i] != quotedName[i]) {
                return false;
            }
        }
        return true;
    }

    private int skipBlanks(int from) {
        int i = from;
        while (i < to && bytes[i] == ' ') {
            i++;
        }
        return i;
    }

    /** The string value at this place. */
    public String string() {
        int start = at + 1;
        int end = start;
        while (end < to && bytes[end] != '"') {
            end++;
        }
        at = end;
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    /** The whole number at this place. */
    public int number() {
        int value = 0;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
            value = value * 10 + (bytes[at++] - '0');
        }
        return value;
    }

    /** Copies the string value at this place, quotes included; returns the index behind the copy. */
    public int copyQuoted(byte[] target, int targetAt) {
        int end = at + 1;
        while (end < to && bytes[end] != '"') {
            end++;
        }
        int length = end + 1 - at;
        System.arraycopy(bytes, at, target, targetAt, length);
        at = end + 1;
        return targetAt + length;
    }

    public static byte[] quoted(String name) {
        return ("\"" + name + "\"").getBytes(StandardCharsets.US_ASCII);
    }
}
