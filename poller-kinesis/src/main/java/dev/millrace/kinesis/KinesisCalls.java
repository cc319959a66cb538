package dev.millrace.kinesis;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamAttributes;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;

/**
 * The calls that reading one stream needs, with their failures said as {@link SourceException}. Thread-safe.
 *
 * <p>Make them on virtual threads: there an interrupt ends a call at once. On a platform thread the JDK's sockets do not
 * notice it, and nothing else limits a call.
 */
final class KinesisCalls {

    /** Kinesis's own default, for servers that do not tell. */
    private static final Duration DEFAULT_RETENTION = Duration.ofHours(24);

    private final KinesisClient client;
    private final StreamAddress address;
    private final KinesisFailures failures;

    /** Written by whoever describes the stream. */
    private volatile @Nullable Duration retention;

    KinesisCalls(KinesisClient client, StreamAddress address) {
        this.client = client;
        this.address = address;
        this.failures = new KinesisFailures(address);
    }

    KinesisFailures failures() {
        return failures;
    }

    /** How long the stream keeps a record, as it was told last; null before. */
    @Nullable
    Duration retention() {
        return retention;
    }

    /** The stream's attributes. */
    StreamAttributes describe() throws SourceException, InterruptedException {
        StreamDescriptionSummary summary = call(
                "kinesis:DescribeStreamSummary",
                () -> client.describeStreamSummary(DescribeStreamSummaryRequest.builder()
                                .streamName(address.nameForCalls())
                                .streamARN(address.arnForCalls())
                                .build())
                        .streamDescriptionSummary());
        Integer hours = summary.retentionPeriodHours();
        Duration told = hours == null ? DEFAULT_RETENTION : Duration.ofHours(hours);
        retention = told;
        return new StreamAttributes(told, summary.streamCreationTimestamp());
    }

    /**
     * One page of the stream's shards.
     *
     * @param nextToken of the page before; null for the first one
     */
    ListShardsResponse shards(@Nullable String nextToken) throws SourceException, InterruptedException {
        ListShardsRequest.Builder request = ListShardsRequest.builder();
        if (nextToken == null) {
            request.streamName(address.nameForCalls()).streamARN(address.arnForCalls());
        } else {
            request.nextToken(nextToken);
        }
        return call("kinesis:ListShards", () -> client.listShards(request.build()));
    }

    /** An iterator behind the newest record of the shard. */
    GetShardIteratorResponse latest(String shardId) throws SourceException, InterruptedException {
        return call(
                "kinesis:GetShardIterator",
                () -> client.getShardIterator(iteratorRequest(shardId)
                        .shardIteratorType(ShardIteratorType.LATEST)
                        .build()));
    }

    /** An iterator at the position; for a place inside an aggregated record, at this record. */
    String iterator(String shardId, ReadPosition position) throws SourceException, InterruptedException {
        GetShardIteratorRequest.Builder request = iteratorRequest(shardId);
        switch (position) {
            case ReadPosition.TrimHorizon() -> request.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
            case ReadPosition.AtTimestamp(var time) ->
                request.shardIteratorType(ShardIteratorType.AT_TIMESTAMP).timestamp(time);
            case ReadPosition.After(var number) ->
                request.shardIteratorType(typeAfter(number)).startingSequenceNumber(number.digits());
        }
        try {
            return client.getShardIterator(request.build()).shardIterator();
        } catch (InvalidArgumentException e) {
            if (position instanceof ReadPosition.After && KinesisFailures.isTrimmed(e)) {
                throw failures.trimmed(e);
            }
            throw failures.of(e, "kinesis:GetShardIterator");
        } catch (RuntimeException e) {
            throw failures.of(e, "kinesis:GetShardIterator");
        }
    }

    /** How to ask for what is after this record; for a place inside an aggregated one, with this record once more. */
    static ShardIteratorType typeAfter(SequenceNumber number) {
        return number.sub() == 0 ? ShardIteratorType.AFTER_SEQUENCE_NUMBER : ShardIteratorType.AT_SEQUENCE_NUMBER;
    }

    private GetShardIteratorRequest.Builder iteratorRequest(String shardId) {
        return GetShardIteratorRequest.builder()
                .streamName(address.nameForCalls())
                .streamARN(address.arnForCalls())
                .shardId(shardId);
    }

    /**
     * What follows an iterator.
     *
     * @param maximum records, 1 to 10,000
     */
    GetRecordsResponse records(String iterator, int maximum) throws SourceException, InterruptedException {
        return call(
                "kinesis:GetRecords",
                () -> client.getRecords(GetRecordsRequest.builder()
                        .shardIterator(iterator)
                        .streamARN(address.arnForCalls())
                        .limit(maximum)
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
