package dev.millrace.quickstart;

import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** The table {@value #NAME} with its stream on an emulator, which it owns. */
final class CartTable implements AutoCloseable {

    static final String NAME = "carts";

    private final DynamoDbLocal server;
    private final DynamoDbClient client;
    private final String streamArn;

    private CartTable(DynamoDbLocal server) {
        this.server = server;
        this.client = DynamoDbClient.builder()
                .endpointOverride(server.endpoint())
                .region(Region.of(Emulator.REGION))
                // The emulator takes any signature, and wants one.
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(Apache5HttpClient.create())
                .build();
        this.streamArn = client.createTable(it -> it.tableName(NAME)
                        .billingMode(BillingMode.PAY_PER_REQUEST)
                        .keySchema(List.of(KeySchemaElement.builder()
                                .attributeName(CartChange.KEY)
                                .keyType(KeyType.HASH)
                                .build()))
                        .attributeDefinitions(List.of(AttributeDefinition.builder()
                                .attributeName(CartChange.KEY)
                                .attributeType(ScalarAttributeType.S)
                                .build()))
                        .streamSpecification(
                                stream -> stream.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)))
                .tableDescription()
                .latestStreamArn();
    }

    /** Creates the table, which the emulator does at once. */
    static CartTable create(DynamoDbLocal server) {
        return new CartTable(server);
    }

    String streamArn() {
        return streamArn;
    }

    DynamoDbLocal server() {
        return server;
    }

    /** Makes the changes, those of a cart in their order. */
    void change(List<CartChange> changes) {
        // One request has each cart once.
        for (int from = 0; from < changes.size(); from += CartChange.CARTS) {
            List<WriteRequest> writes =
                    changes.subList(from, Math.min(from + CartChange.CARTS, changes.size())).stream()
                            .map(change -> WriteRequest.builder()
                                    .putRequest(put -> put.item(change.item()))
                                    .build())
                            .toList();
            Map<String, List<WriteRequest>> left = client.batchWriteItem(it -> it.requestItems(Map.of(NAME, writes)))
                    .unprocessedItems();
            if (!left.isEmpty()) {
                throw new IllegalStateException("the emulator left changes out");
            }
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
