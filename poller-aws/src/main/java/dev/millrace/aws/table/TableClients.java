package dev.millrace.aws.table;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.SharedClients;
import java.time.Duration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Opens the clients of tables alike. */
public final class TableClients {

    /** A table that accepts and does not answer must not hold up whoever looks after the shards. */
    private static final Duration CALL_WITHIN = Duration.ofSeconds(10);

    /** All shards may call at a time; opened on demand. */
    private static final int CONNECTIONS = 1_000;

    private TableClients() {}

    /** Clients, opened when first asked for. */
    public static SharedClients<DynamoDbClient> open() {
        return new SharedClients<>(
                (place, credentials) -> ServiceClients.limited(
                                ServiceClients.setUp(DynamoDbClient.builder(), place, credentials, CONNECTIONS),
                                CALL_WITHIN)
                        .build(),
                DynamoDbClient::close);
    }
}
