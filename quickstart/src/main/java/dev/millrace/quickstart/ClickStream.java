package dev.millrace.quickstart;

import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** The stream {@value #NAME} with {@value #SHARDS} shards on an emulator, which it owns. */
final class ClickStream implements AutoCloseable {

    static final String NAME = "clicks";
    static final int SHARDS = 2;

    private static final int ENTRIES = 100;
    private static final Duration TICK = Duration.ofMillis(50);
    private static final int MOST_TICKS = 600;

    private final KinesisLocal server;
    private final KinesisClient client;

    private ClickStream(KinesisLocal server) {
        this.server = server;
        this.client = KinesisClient.builder()
                .endpointOverride(server.endpoint())
                .region(Region.of(Emulator.REGION))
                // The emulator takes any signature, and wants one.
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(Apache5HttpClient.create())
                .build();
    }

    /** Creates the stream and waits until it is there. */
    static ClickStream create(KinesisLocal server) throws InterruptedException {
        ClickStream stream = new ClickStream(server);
        stream.client.createStream(it -> it.streamName(NAME).shardCount(SHARDS));
        for (int tick = 0; tick < MOST_TICKS && !stream.isActive(); tick++) {
            Thread.sleep(TICK);
        }
        return stream;
    }

    private boolean isActive() {
        return client.describeStreamSummary(it -> it.streamName(NAME))
                        .streamDescriptionSummary()
                        .streamStatus()
                == StreamStatus.ACTIVE;
    }

    static String arn() {
        return "arn:aws:kinesis:" + Emulator.REGION + ":" + Emulator.ACCOUNT + ":stream/" + NAME;
    }

    KinesisLocal server() {
        return server;
    }

    /** Puts the records, those of a visitor in their order. */
    void put(List<Click> clicks) {
        for (int from = 0; from < clicks.size(); from += ENTRIES) {
            List<PutRecordsRequestEntry> entries =
                    clicks.subList(from, Math.min(from + ENTRIES, clicks.size())).stream()
                            .map(click -> PutRecordsRequestEntry.builder()
                                    .partitionKey(click.key())
                                    .data(SdkBytes.fromUtf8String(click.json()))
                                    .build())
                            .toList();
            int refused = client.putRecords(it -> it.streamName(NAME).records(entries))
                    .failedRecordCount();
            if (refused != 0) {
                throw new IllegalStateException("the emulator refused " + refused + " records");
            }
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
