package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.service.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** A server, its clock, and a client of the AWS SDK that asks it about the stream {@value #STREAM}. */
final class ServerScene implements AutoCloseable {

    static final String STREAM = "s";
    static final String FIRST = "shardId-000000000000";
    static final Instant NOW = Instant.parse("2026-11-20T10:00:00.123Z");

    private final TestClock clock = new TestClock(NOW);
    private final KinesisServer server = KinesisServer.start(clock);
    private final KinesisClient client;

    ServerScene(boolean cbor) {
        SdkClients.speak(cbor);
        client = SdkClients.sync(server);
    }

    KinesisServer server() {
        return server;
    }

    KinesisClient client() {
        return client;
    }

    void advance(Duration time) {
        clock.advance(time);
    }

    static String arn() {
        return "arn:aws:kinesis:us-east-1:000000000000:stream/" + STREAM;
    }

    List<Shard> shards() {
        return client.listShards(request -> request.streamName(STREAM)).shards();
    }

    /** Puts a record and answers its sequence number. */
    String put(String key, String data) {
        return client.putRecord(
                        request -> request.streamName(STREAM).partitionKey(key).data(SdkBytes.fromUtf8String(data)))
                .sequenceNumber();
    }

    /** An iterator of the first shard. */
    String iterator(ShardIteratorType type, @Nullable String number) {
        return client.getShardIterator(request -> request.streamName(STREAM)
                        .shardId(FIRST)
                        .shardIteratorType(type)
                        .startingSequenceNumber(number))
                .shardIterator();
    }

    String trimHorizon() {
        return iterator(ShardIteratorType.TRIM_HORIZON, null);
    }

    String atTimestamp(Instant time) {
        return client.getShardIterator(request -> request.streamName(STREAM)
                        .shardId(FIRST)
                        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                        .timestamp(time))
                .shardIterator();
    }

    GetRecordsResponse read(String iterator) {
        return client.getRecords(request -> request.shardIterator(iterator));
    }

    static List<String> data(GetRecordsResponse read) {
        return read.records().stream()
                .map(Record::data)
                .map(SdkBytes::asUtf8String)
                .toList();
    }

    @Override
    public void close() {
        client.close();
        server.close();
        SdkClients.speakDefault();
    }
}
