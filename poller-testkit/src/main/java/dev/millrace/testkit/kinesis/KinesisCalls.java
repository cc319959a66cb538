package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.service.Calls;

/** The operations of Kinesis that tests count and break, as {@link Calls} and faults name them. */
public final class KinesisCalls {

    /** Every operation, in place of the name of one. */
    public static final String EVERYTHING = Calls.EVERYTHING;

    public static final String DESCRIBE = "DescribeStreamSummary";
    public static final String LIST_SHARDS = "ListShards";
    public static final String GET_ITERATOR = "GetShardIterator";
    public static final String GET_RECORDS = "GetRecords";
    public static final String PUT_RECORD = "PutRecord";
    public static final String SUBSCRIBE = "SubscribeToShard";

    private KinesisCalls() {}
}
