package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.testkit.checkpoint.CheckpointStoreContract;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbCheckpointStoreContractTest extends CheckpointStoreContract {

    private final StoreTables tables = new StoreTables();

    @Override
    protected CheckpointStore open() throws Exception {
        return tables.open("node");
    }

    @Override
    protected List<AuditEntry> audit(UUID mapping) {
        return tables
                .client
                .queryPaginator(request -> request.tableName(tables.name)
                        .consistentRead(true)
                        .scanIndexForward(false)
                        .keyConditionExpression("#p = :p")
                        .expressionAttributeNames(Map.of("#p", "partition"))
                        .expressionAttributeValues(Map.of(":p", AttributeValue.fromS("audit/" + mapping))))
                .items()
                .stream()
                .map(item -> new AuditEntry(
                        Instant.parse(Attributes.text(item, "at")),
                        mapping,
                        Attributes.textOrNull(item, "shard"),
                        Attributes.text(item, "action"),
                        Attributes.text(item, "detail")))
                .toList();
    }

    @AfterEach
    void closeClient() {
        tables.close();
    }
}
