package dev.millrace.bench.server.kinesis;

/** Shard iterators that say in their last letters where they stand; as long as those of Kinesis. */
final class ShardIterators {
    static final int SHARD_DIGITS = 8;
    static final int POSITION_DIGITS = 16;

    private static final String START = "AAAAAAAAAAE" + "kq3JxT7mZ0vPdWn5LbYc8hRfGs2uKiQo".repeat(6);

    static final int LENGTH = START.length() + SHARD_DIGITS + POSITION_DIGITS;

    private ShardIterators() {}

    static String of(int shard, long position) {
        return START + "%08d%016d".formatted(shard, position);
    }

    static int shard(String iterator) {
        int end = iterator.length() - POSITION_DIGITS;
        return Integer.parseInt(iterator, end - SHARD_DIGITS, end, 10);
    }

    static long position(String iterator) {
        return Long.parseLong(iterator, iterator.length() - POSITION_DIGITS, iterator.length(), 10);
    }
}
