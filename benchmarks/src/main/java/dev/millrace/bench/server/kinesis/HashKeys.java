package dev.millrace.bench.server.kinesis;

import java.math.BigInteger;

/** How the shards of the canned stream share the 2^128 hash keys: evenly, in order and without gaps. */
public final class HashKeys {
    private HashKeys() {}

    /** The first one of {@code shard}, counted from 0. */
    public static String first(int shard, int shards) {
        return border(shard, shards).toString();
    }

    /** The last one of {@code shard}, counted from 0. */
    public static String last(int shard, int shards) {
        return border(shard + 1, shards).subtract(BigInteger.ONE).toString();
    }

    private static BigInteger border(int shard, int shards) {
        return BigInteger.TWO.pow(128).multiply(BigInteger.valueOf(shard)).divide(BigInteger.valueOf(shards));
    }
}
