package dev.millrace.bench.server;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Writes decimal digits in place, four at a time. */
public final class DecimalDigits {
    private static final int TEN_THOUSAND = 10_000;
    private static final int HUNDRED_MILLION = TEN_THOUSAND * TEN_THOUSAND;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** The four digits of each number below ten thousand. */
    private static final int[] FOUR = fours();

    private DecimalDigits() {}

    private static int[] fours() {
        int[] fours = new int[TEN_THOUSAND];
        for (int i = 0; i < fours.length; i++) {
            int digits = i / 1_000 | i / 100 % 10 << 8 | i / 10 % 10 << 16 | i % 10 << 24;
            fours[i] = digits + 0x30303030;
        }
        return fours;
    }

    /** Writes the last eight digits of {@code value}, which is not negative. */
    public static void write8(long value, byte[] bytes, int at) {
        int rest = (int) (value % HUNDRED_MILLION);
        INTS.set(bytes, at, FOUR[rest / TEN_THOUSAND]);
        INTS.set(bytes, at + 4, FOUR[rest % TEN_THOUSAND]);
    }

    /** Writes the last sixteen digits of {@code value}, which is not negative. */
    public static void write16(long value, byte[] bytes, int at) {
        write8(value / HUNDRED_MILLION, bytes, at);
        write8(value, bytes, at + 8);
    }
}
