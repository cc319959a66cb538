package dev.millrace.bench.server.kinesis;

import dev.millrace.bench.server.HttpRequest;
import java.nio.charset.StandardCharsets;

/** Finds the few fields that the canned stream needs in a request's CBOR: what the AWS SDKs send, texts and whole numbers. */
final class CborScan {
    private final byte[] bytes;
    private final int to;
    private int at;

    CborScan(HttpRequest request) {
        bytes = request.bytes();
        at = request.bodyStart();
        to = request.bodyEnd();
    }

    /** Moves to the value of the next member of this name, which has 1 to 23 letters; false when there is none. */
    boolean next(String name) {
        int head = 0x60 | name.length();
        for (int i = at; i + name.length() + 1 < to; i++) {
            if ((bytes[i] & 0xFF) == head && matches(i + 1, name)) {
                at = i + 1 + name.length();
                return true;
            }
        }
        return false;
    }

    private boolean matches(int start, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[start + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The text at this place. */
    String string() {
        int length = number();
        return new String(bytes, at, length, StandardCharsets.US_ASCII);
    }

    /** The whole number that begins at this place, whatever it stands for: the value itself, or a length. */
    int number() {
        int small = bytes[at++] & 0x1F;
        if (small < 24) {
            return small;
        }
        int value = 0;
        for (int end = at + (1 << (small - 24)); at < end; at++) {
            value = (value << 8) | (bytes[at] & 0xFF);
        }
        return value;
    }
}
