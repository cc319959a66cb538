package dev.millrace.bench.server;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The time at which a message became visible, written into its body as {@code "visibleAt":1732162588123456}
 * (microseconds since 1970, always sixteen digits), and found again in whatever a peer wraps around the body. Both ends
 * run on one machine and read the same clock.
 */
public final class MessageStamp {
    public static final int DIGITS = 16;

    private static final byte[] NAME = "visibleAt".getBytes(StandardCharsets.US_ASCII);

    private MessageStamp() {}

    /** The present, in microseconds since 1970. */
    public static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    /** Writes {@code micros} as sixteen digits at {@code at}. */
    public static void write(long micros, byte[] bytes, int at) {
        DecimalDigits.write16(micros, bytes, at);
    }

    /** The index of the first stamp's name in {@code [from, to)}, or -1. */
    public static int find(byte[] bytes, int from, int to) {
        for (int i = from; i + NAME.length + DIGITS < to; i++) {
            if (bytes[i] == 'v' && isName(bytes, i)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isName(byte[] bytes, int at) {
        for (int i = 1; i < NAME.length; i++) {
            if (bytes[at + i] != NAME[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads the stamp whose name {@link #find} found. Between name and digits stand a quote and a colon, escaped as often
     * as the body was wrapped.
     */
    public static long read(byte[] bytes, int name, int to) {
        int at = name + NAME.length;
        while (at < to && (bytes[at] < '0' || bytes[at] > '9')) {
            at++;
        }
        long micros = 0;
        for (int i = at; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            micros = micros * 10 + (bytes[i] - '0');
        }
        return micros;
    }
}
