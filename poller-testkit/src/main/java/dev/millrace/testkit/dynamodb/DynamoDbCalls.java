package dev.millrace.testkit.dynamodb;

import dev.millrace.testkit.service.Calls;

/** The operations of DynamoDB Streams that tests count and break, as {@link Calls} and faults name them. */
public final class DynamoDbCalls {

    /** Every operation, in place of the name of one. */
    public static final String EVERYTHING = Calls.EVERYTHING;

    public static final String DESCRIBE = "DescribeStream";
    public static final String GET_ITERATOR = "GetShardIterator";
    public static final String GET_RECORDS = "GetRecords";
    public static final String LIST_STREAMS = "ListStreams";

    private DynamoDbCalls() {}
}
