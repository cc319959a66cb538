package dev.millrace.runner;

import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Identifiers of invocations. They need to be unique, not secret, so any good generator serves. */
final class RequestIds {

    private static final long VERSION_MASK = 0xFFFF_FFFF_FFFF_0FFFL;
    private static final long VERSION_4 = 0x4000L;
    private static final long VARIANT_MASK = 0x3FFF_FFFF_FFFF_FFFFL;
    private static final long VARIANT_2 = 0x8000_0000_0000_0000L;

    private RequestIds() {}

    /** A random UUID of version 4. */
    static String requestId(RandomGenerator random) {
        return new UUID((random.nextLong() & VERSION_MASK) | VERSION_4, (random.nextLong() & VARIANT_MASK) | VARIANT_2)
                .toString();
    }

    /** A new X-Ray root, as AWS's poller starts one for each invocation without a message's header (spec 8.4). */
    static String traceHeader(Instant now, RandomGenerator random) {
        HexFormat hex = HexFormat.of();
        return "Root=1-" + hex.toHexDigits((int) now.getEpochSecond()) + "-" + hex.toHexDigits(random.nextLong())
                + hex.toHexDigits(random.nextInt());
    }
}
