package dev.millrace.testkit.dynamodb.operation;

import java.time.Duration;

/**
 * How a server behaves where DynamoDB Streams has a number or a habit.
 *
 * @param iteratorLife how long a shard iterator can be used; 15 min at AWS
 * @param shardsInPage most shards of one DescribeStream, whatever the request says; 100 at AWS
 * @param filtersShards whether DescribeStream obeys its shard filter; some emulators do not
 * @param endWithRecords whether the read that brings the last records of a closed shard also tells its end; otherwise the
 *     read after it does
 */
public record StreamsSettings(Duration iteratorLife, int shardsInPage, boolean filtersShards, boolean endWithRecords) {

    /** AWS's numbers. */
    public static final StreamsSettings DEFAULT = new StreamsSettings(Duration.ofMinutes(15), 100, true, true);

    public StreamsSettings withIteratorLife(Duration time) {
        return new StreamsSettings(time, shardsInPage, filtersShards, endWithRecords);
    }

    public StreamsSettings withShardsInPage(int shards) {
        return new StreamsSettings(iteratorLife, shards, filtersShards, endWithRecords);
    }

    public StreamsSettings withShardFilter(boolean on) {
        return new StreamsSettings(iteratorLife, shardsInPage, on, endWithRecords);
    }

    public StreamsSettings withEndWithRecords(boolean on) {
        return new StreamsSettings(iteratorLife, shardsInPage, filtersShards, on);
    }
}
