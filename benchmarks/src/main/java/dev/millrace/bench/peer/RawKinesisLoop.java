package dev.millrace.bench.peer;

import java.io.IOException;
import java.util.List;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * The yardstick for streams: what the same hand-off costs with the same AWS SDK and HTTP clients and nothing else. Each
 * shard has a virtual thread that reads and posts, one after the other, as fast as it can. No rules, no checkpoints, no
 * retries; the first error ends the process.
 */
public final class RawKinesisLoop {
    private final KinesisClient kinesis;
    private final FunctionPost function;
    private final int batch;

    private RawKinesisLoop(StreamArguments arguments) {
        batch = arguments.batch();
        function = new FunctionPost(arguments.function(), arguments.shards());
        kinesis = KinesisClient.builder()
                .httpClient(SdkClients.blocking(arguments.client(), arguments.shards()))
                .endpointOverride(arguments.kinesis())
                .region(Region.US_EAST_1)
                .credentialsProvider(CannedCredentials.provider())
                .build();
    }

    /** Arguments as in {@link StreamArguments}; CLIENT is one of {@link SdkClients#blocking}. */
    public static void main(String[] args) throws InterruptedException {
        StreamArguments arguments = StreamArguments.parse(args);
        RawKinesisLoop loop = new RawKinesisLoop(arguments);
        for (int i = 0; i < arguments.shards(); i++) {
            String shardId = StreamArguments.shardId(i);
            LoopThread.start(shardId, () -> loop.repeat(shardId));
        }
        Thread.currentThread().join();
    }

    private void repeat(String shardId) {
        KinesisEvent event = new KinesisEvent(shardId);
        String iterator = kinesis.getShardIterator(request -> request.streamName(StreamArguments.STREAM)
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
        while (true) {
            String from = iterator;
            GetRecordsResponse answer =
                    kinesis.getRecords(request -> request.shardIterator(from).limit(StreamArguments.MAX_RECORDS));
            List<Record> records = answer.records();
            for (int i = 0; i < records.size(); i += batch) {
                post(event, records.subList(i, Math.min(i + batch, records.size())));
            }
            iterator = answer.nextShardIterator();
        }
    }

    private void post(KinesisEvent event, List<Record> records) {
        event.clear();
        for (Record record : records) {
            event.add(
                    record.partitionKey(),
                    record.sequenceNumber(),
                    record.data().asByteArrayUnsafe(),
                    record.approximateArrivalTimestamp());
        }
        event.finish();
        try {
            function.post(event.bytes(), event.length());
        } catch (IOException e) {
            throw new IllegalStateException("the function cannot be reached", e);
        }
    }
}
