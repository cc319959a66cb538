package dev.millrace.dynamodb;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamRequest;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsRequest;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.dynamodb.model.ListStreamsRequest;
import software.amazon.awssdk.services.dynamodb.model.ListStreamsResponse;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardFilter;
import software.amazon.awssdk.services.dynamodb.model.ShardFilterType;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.Stream;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * The calls that reading one stream needs, with their failures said as {@link SourceException}. Thread-safe.
 *
 * <p>Make them on virtual threads: there an interrupt ends a call at once. On a platform thread the JDK's sockets do not
 * notice it, and nothing else limits a call.
 */
final class DynamoDbCalls {

    /** DynamoDB's own limit (spec 3.2). */
    static final int MOST_RECORDS = 1_000;

    /** With 100 streams on each: far more than a table has in 24 hours. */
    private static final int MOST_PAGES = 100;

    private static final String DESCRIBE_STREAM = "dynamodb:DescribeStream";
    private static final String GET_SHARD_ITERATOR = "dynamodb:GetShardIterator";

    private final DynamoDbStreamsClient client;
    private final TableStream stream;
    private final DynamoDbFailures failures;

    /** The stream that is read where the mapping does not name it; null until it is needed. Threads that race choose the same. */
    private volatile @Nullable String chosen;

    DynamoDbCalls(DynamoDbStreamsClient client, TableStream stream) {
        this.client = client;
        this.stream = stream;
        this.failures = new DynamoDbFailures(stream);
    }

    DynamoDbFailures failures() {
        return failures;
    }

    /**
     * The ARN of the stream itself. Where the mapping says {@code latest} it is the one that was chosen, at first the table's
     * newest: to go over to another one while records of this one are left would lose them.
     */
    String streamArn() throws SourceException, InterruptedException {
        if (!stream.isLatest()) {
            return stream.source().toString();
        }
        String known = chosen;
        if (known == null) {
            known = newest(tableStreams()).orElseThrow(failures::noStream);
            chosen = known;
        }
        return known;
    }

    /** As {@link #streamArn()}, without a call; the mapping's while none is chosen. */
    String knownArn() {
        String known = chosen;
        return known == null ? stream.source().toString() : known;
    }

    /** Has this stream read, where the mapping does not name one. */
    void choose(String streamArn) {
        chosen = streamArn;
    }

    /** The newest of a table's streams. A label is the time at which the stream was enabled, so they are in order as texts. */
    static Optional<String> newest(List<Stream> streams) {
        return streams.stream().max(Comparator.comparing(Stream::streamLabel)).map(Stream::streamArn);
    }

    /** The one of a table's streams that was enabled next after this one, whether that is still listed or not. */
    static Optional<String> next(List<Stream> streams, String streamArn) {
        String label = TableStream.label(streamArn);
        return streams.stream()
                .filter(one -> one.streamLabel().compareTo(label) > 0)
                .min(Comparator.comparing(Stream::streamLabel))
                .map(Stream::streamArn);
    }

    /** The streams of the table, also those that were disabled within the last 24 hours. */
    List<Stream> tableStreams() throws SourceException, InterruptedException {
        List<Stream> streams = new ArrayList<>();
        String start = null;
        for (int pages = 0; pages < MOST_PAGES; pages++) {
            ListStreamsResponse page = streams(start);
            streams.addAll(page.streams());
            start = page.lastEvaluatedStreamArn();
            if (start == null) {
                return streams;
            }
        }
        throw failures.endless("streams");
    }

    private ListStreamsResponse streams(@Nullable String start) throws SourceException, InterruptedException {
        return call(
                "dynamodb:ListStreams",
                () -> client.listStreams(ListStreamsRequest.builder()
                        .tableName(stream.table())
                        .exclusiveStartStreamArn(start)
                        .build()));
    }

    /**
     * The stream's description with one page of its shards. An account may ask for it ten times a second (spec 3.2).
     *
     * @param exclusiveStart the last shard of the page before; null for the first page
     * @param limit most shards, 1 to 100
     */
    StreamDescription describe(@Nullable String exclusiveStart, int limit)
            throws SourceException, InterruptedException {
        String arn = streamArn();
        return call(
                DESCRIBE_STREAM,
                () -> client.describeStream(DescribeStreamRequest.builder()
                                .streamArn(arn)
                                .exclusiveStartShardId(exclusiveStart)
                                .limit(limit)
                                .build())
                        .streamDescription());
    }

    /** The shards that follow one that has ended, and at some servers others as well. */
    List<Shard> children(String shardId) throws SourceException, InterruptedException {
        String arn = streamArn();
        ShardFilter filter = ShardFilter.builder()
                .type(ShardFilterType.CHILD_SHARDS)
                .shardId(shardId)
                .build();
        return call(
                DESCRIBE_STREAM,
                () -> client.describeStream(DescribeStreamRequest.builder()
                                .streamArn(arn)
                                .shardFilter(filter)
                                .build())
                        .streamDescription()
                        .shards());
    }

    /** An iterator behind the newest record of the shard. */
    GetShardIteratorResponse latest(String shardId) throws SourceException, InterruptedException {
        GetShardIteratorRequest request = iteratorRequest(shardId)
                .shardIteratorType(ShardIteratorType.LATEST)
                .build();
        return call(GET_SHARD_ITERATOR, () -> client.getShardIterator(request));
    }

    /** An iterator at the position; for a time, at the oldest record. */
    String iterator(String shardId, ReadPosition position) throws SourceException, InterruptedException {
        GetShardIteratorRequest.Builder request = iteratorRequest(shardId);
        switch (position) {
            case ReadPosition.TrimHorizon _, ReadPosition.AtTimestamp _ ->
                request.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
            case ReadPosition.After(var number) ->
                request.shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                        .sequenceNumber(number.digits());
        }
        return call(
                GET_SHARD_ITERATOR,
                () -> client.getShardIterator(request.build()).shardIterator());
    }

    private GetShardIteratorRequest.Builder iteratorRequest(String shardId)
            throws SourceException, InterruptedException {
        return GetShardIteratorRequest.builder().streamArn(streamArn()).shardId(shardId);
    }

    /**
     * What follows an iterator.
     *
     * @param maximum records, 1 or more
     */
    GetRecordsResponse records(String iterator, int maximum) throws SourceException, InterruptedException {
        return call(
                "dynamodb:GetRecords",
                () -> client.getRecords(GetRecordsRequest.builder()
                        .shardIterator(iterator)
                        .limit(Math.min(maximum, MOST_RECORDS))
                        .build()));
    }

    /** Not only the SDK's own exceptions: an answer that it cannot parse may end in any. */
    private <T> T call(String action, Supplier<T> call) throws SourceException, InterruptedException {
        try {
            return call.get();
        } catch (RuntimeException e) {
            throw failures.of(e, action);
        }
    }
}
