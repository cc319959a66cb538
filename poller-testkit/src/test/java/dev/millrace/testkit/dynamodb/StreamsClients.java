package dev.millrace.testkit.dynamodb;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** Clients of the AWS SDK that do not try again, and what tests do with them. */
final class StreamsClients {

    /** Short, for the answers that never come. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MOST_READS = 200;

    private StreamsClients() {}

    static DynamoDbStreamsClient client(URI endpoint, String region) {
        return DynamoDbStreamsClient.builder()
                .region(Region.of(region))
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .overrideConfiguration(configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .httpClientBuilder(Apache5HttpClient.builder().socketTimeout(PATIENCE))
                .build();
    }

    static String iterator(DynamoDbStreamsClient client, String arn, String shardId, ShardIteratorType type) {
        return client.getShardIterator(
                        request -> request.streamArn(arn).shardId(shardId).shardIteratorType(type))
                .shardIterator();
    }

    static String iterator(
            DynamoDbStreamsClient client, String arn, String shardId, ShardIteratorType type, String number) {
        return client.getShardIterator(request -> request.streamArn(arn)
                        .shardId(shardId)
                        .shardIteratorType(type)
                        .sequenceNumber(number))
                .shardIterator();
    }

    /** Reads until so many records are there, or the shard has ended. */
    static List<Record> read(DynamoDbStreamsClient client, String from, int records) {
        List<Record> all = new ArrayList<>();
        String iterator = from;
        for (int i = 0; i < MOST_READS && iterator != null && all.size() < records; i++) {
            String current = iterator;
            GetRecordsResponse read = client.getRecords(request -> request.shardIterator(current));
            all.addAll(read.records());
            iterator = read.nextShardIterator();
        }
        return all;
    }

    /** Reads to the end of a closed shard. */
    static List<Record> readToEnd(DynamoDbStreamsClient client, String arn, String shardId) {
        List<Record> all = new ArrayList<>();
        String iterator = iterator(client, arn, shardId, ShardIteratorType.TRIM_HORIZON);
        for (int i = 0; i < MOST_READS; i++) {
            String current = iterator;
            GetRecordsResponse read = client.getRecords(request -> request.shardIterator(current));
            all.addAll(read.records());
            if (read.nextShardIterator() == null) {
                return all;
            }
            iterator = read.nextShardIterator();
        }
        throw new AssertionError("no end after " + MOST_READS + " reads");
    }
}
