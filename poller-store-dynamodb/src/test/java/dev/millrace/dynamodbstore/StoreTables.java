package dev.millrace.dynamodbstore;

import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.InstantSource;
import java.util.UUID;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** A table of its own on DynamoDB Local, and stores on it. */
final class StoreTables implements AutoCloseable {

    final String name = "millrace-" + UUID.randomUUID();
    final DynamoDbClient client;

    StoreTables() {
        client = DynamoDbClient.builder()
                .endpointOverride(DynamoDbLocal.shared().endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
                .httpClientBuilder(Apache5HttpClient.builder().maxConnections(200))
                .build();
    }

    /** As a node opens it. */
    DynamoDbCheckpointStore open(String owner) throws Exception {
        return new DynamoDbCheckpointStore(client, () -> {}, name, owner, InstantSource.system());
    }

    @Override
    public void close() {
        client.close();
    }
}
