package dev.millrace.dynamodbstore;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.aws.table.TableClients;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.InstantSource;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** A table of its own on DynamoDB Local, and stores on it. */
final class StoreTables implements AutoCloseable {

    final String name = "millrace-" + UUID.randomUUID();
    private final SharedClients<DynamoDbClient> clients = TableClients.open();
    final DynamoDbClient client;

    StoreTables() {
        ServicePlace place =
                new ServicePlace("DynamoDB", "us-east-1", DynamoDbLocal.shared().endpoint());
        client = clients.at(place);
    }

    /** As a node opens it. */
    DynamoDbCheckpointStore open(String owner) throws Exception {
        return open(owner, client);
    }

    /** As a node opens it, with a client of its own. */
    DynamoDbCheckpointStore open(String owner, DynamoDbClient client) {
        return new DynamoDbCheckpointStore(client, () -> {}, name, owner, InstantSource.system());
    }

    @Override
    public void close() {
        clients.close();
    }
}
