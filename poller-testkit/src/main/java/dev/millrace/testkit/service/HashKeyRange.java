package dev.millrace.testkit.service;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** A part of the 128-bit hash keys, both ends included. */
public record HashKeyRange(BigInteger start, BigInteger end) {

    /** How many hash keys there are. */
    private static final BigInteger KEYS = BigInteger.TWO.pow(128);

    public static final BigInteger LARGEST = KEYS.subtract(BigInteger.ONE);

    /** All hash keys in as many ranges of the same size, the last one a little larger, as Kinesis cuts them. */
    public static List<HashKeyRange> cut(int count) {
        BigInteger size = KEYS.divide(BigInteger.valueOf(count));
        List<HashKeyRange> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            BigInteger start = size.multiply(BigInteger.valueOf(i));
            BigInteger end = i == count - 1 ? LARGEST : start.add(size).subtract(BigInteger.ONE);
            ranges.add(new HashKeyRange(start, end));
        }
        return ranges;
    }

    /** The hash key of a partition key. */
    public static BigInteger keyOf(String partitionKey) {
        try {
            byte[] hash = MessageDigest.getInstance("MD5").digest(partitionKey.getBytes(StandardCharsets.UTF_8));
            return new BigInteger(1, hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    /** The middle, where a split makes two halves. */
    public BigInteger middle() {
        return start.add(end).add(BigInteger.ONE).shiftRight(1);
    }

    public boolean isFollowedBy(HashKeyRange other) {
        return end.add(BigInteger.ONE).equals(other.start);
    }
}
