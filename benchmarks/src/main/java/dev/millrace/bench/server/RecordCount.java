package dev.millrace.bench.server;

import java.nio.charset.StandardCharsets;

/**
 * Counts the records of a Lambda event by their {@code "eventID"}, without reading the whole event: records are of nearly one
 * size, so the next one is looked for first where the last distance says.
 */
final class RecordCount {
    private static final byte[] TAG = "\"eventID\"".getBytes(StandardCharsets.US_ASCII);

    private RecordCount() {}

    static int of(byte[] bytes, int from, int to) {
        int count = 0;
        int distance = 0;
        int at = find(bytes, from, to);
        while (at >= 0) {
            count++;
            int expected = at + distance;
            int next = distance > 0 && isTag(bytes, expected, to) ? expected : find(bytes, at + TAG.length, to);
            distance = next - at;
            at = next;
        }
        return count;
    }

    private static int find(byte[] bytes, int from, int to) {
        for (int i = from; i + TAG.length <= to; i++) {
            if (bytes[i] == '"' && isTag(bytes, i, to)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isTag(byte[] bytes, int at, int to) {
        if (at + TAG.length > to) {
            return false;
        }
        for (int i = 0; i < TAG.length; i++) {
            if (bytes[at + i] != TAG[i]) {
                return false;
            }
        }
        return true;
    }
}
