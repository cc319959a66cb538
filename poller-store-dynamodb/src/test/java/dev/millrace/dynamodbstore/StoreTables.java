package dev.millrace.dynamodbstore;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.InstantSource;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** A table of its own on DynamoDB Local, and stores on it. */
final class StoreTables implements AutoCloseable {

    final String name = "millrace-" + UUID.randomUUID();
    final DynamoDbClient client;

    StoreTables() {
        ServicePlace place =
                new ServicePlace("DynamoDB", "us-east-1", DynamoDbLocal.shared().endpoint());
        client = ServiceClients.setUp(DynamoDbClient.builder(), place, SharedCredentials.open(place), 200)
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
