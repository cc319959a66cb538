package dev.millrace.testkit.dynamodb;

import dev.millrace.testkit.Eventually;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeAction;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.AttributeValueUpdate;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.StreamSpecification;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** A table on a server that speaks DynamoDB's API. */
final class RemoteTable implements TestTable {

    /** Most items of one BatchWriteItem. */
    private static final int ENTRIES = 25;

    private final DynamoDbEndpoint server;
    private final TableShape shape;
    private final DynamoDbClient client;

    private RemoteTable(DynamoDbEndpoint server, TableShape shape) {
        this.server = server;
        this.shape = shape;
        this.client = DynamoDbClient.builder()
                .endpointOverride(server.endpoint())
                .region(Region.of(server.region()))
                // Emulators take any signature, and want one.
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(Apache5HttpClient.create())
                .build();
    }

    static RemoteTable create(DynamoDbEndpoint server, TableShape shape) {
        RemoteTable table = new RemoteTable(server, shape);
        table.client.createTable(request -> request.tableName(shape.name())
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(table.keySchema())
                .attributeDefinitions(shape.keys().stream()
                        .map(key -> AttributeDefinition.builder()
                                .attributeName(key.name())
                                .attributeType(key.type())
                                .build())
                        .toList())
                .streamSpecification(table.stream(true)));
        table.awaitActive();
        return table;
    }

    private List<KeySchemaElement> keySchema() {
        return IntStream.range(0, shape.keys().size())
                .mapToObj(i -> KeySchemaElement.builder()
                        .attributeName(shape.keys().get(i).name())
                        .keyType(i == 0 ? KeyType.HASH : KeyType.RANGE)
                        .build())
                .toList();
    }

    private StreamSpecification stream(boolean enabled) {
        return StreamSpecification.builder()
                .streamEnabled(enabled)
                .streamViewType(enabled ? shape.view() : null)
                .build();
    }

    private void awaitActive() {
        Eventually.until("the table to be active", () -> describe().tableStatus() == TableStatus.ACTIVE);
    }

    private TableDescription describe() {
        return client.describeTable(request -> request.tableName(shape.name())).table();
    }

    @Override
    public String name() {
        return shape.name();
    }

    @Override
    public String streamArn() {
        return describe().latestStreamArn();
    }

    @Override
    public String keyName() {
        return shape.keys().getFirst().name();
    }

    @Override
    public void put(Map<String, AttributeValue> item) {
        client.putItem(request -> request.tableName(shape.name()).item(item));
    }

    @Override
    public void putAll(List<Map<String, AttributeValue>> items) {
        for (int from = 0; from < items.size(); from += ENTRIES) {
            List<WriteRequest> writes = items.subList(from, Math.min(from + ENTRIES, items.size())).stream()
                    .map(item -> WriteRequest.builder()
                            .putRequest(put -> put.item(item))
                            .build())
                    .toList();
            Map<String, List<WriteRequest>> left = client.batchWriteItem(
                            request -> request.requestItems(Map.of(shape.name(), writes)))
                    .unprocessedItems();
            if (!left.isEmpty()) {
                throw new IllegalStateException(server + " left items out: " + left);
            }
        }
    }

    @Override
    public void update(Map<String, AttributeValue> key, Map<String, AttributeValue> changes) {
        Map<String, AttributeValueUpdate> updates = new HashMap<>();
        changes.forEach((name, value) -> updates.put(
                name,
                AttributeValueUpdate.builder()
                        .action(AttributeAction.PUT)
                        .value(value)
                        .build()));
        client.updateItem(request -> request.tableName(shape.name()).key(key).attributeUpdates(updates));
    }

    @Override
    public void delete(Map<String, AttributeValue> key) {
        client.deleteItem(request -> request.tableName(shape.name()).key(key));
    }

    @Override
    public void disableStream() {
        client.updateTable(request -> request.tableName(shape.name()).streamSpecification(stream(false)));
        awaitActive();
    }

    @Override
    public String enableStream() {
        client.updateTable(request -> request.tableName(shape.name()).streamSpecification(stream(true)));
        awaitActive();
        return streamArn();
    }

    @Override
    public void rollOver() {
        DynamoDbLocal.at(server.endpoint())
                .ifPresentOrElse(
                        DynamoDbLocal::rollOver, () -> Assumptions.abort(server + " does not roll over on cue"));
    }

    @Override
    public void close() {
        client.deleteTable(request -> request.tableName(shape.name()));
        client.close();
    }
}
