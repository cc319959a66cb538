package dev.millrace.bench.kcl;

import dev.millrace.bench.peer.StreamArguments;
import dev.millrace.bench.server.kinesis.HashKeys;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * Writes the lease table and a lease per shard as the library would: with its index, which it otherwise waits ten seconds
 * for, and without its pauses of up to thirty seconds on an empty table.
 */
final class LeasesInAdvance {
    private static final String KEY = "leaseKey";
    private static final String OWNER = "leaseOwner";
    private static final String INDEX = "LeaseOwnerToLeaseKeyIndex";

    private LeasesInAdvance() {}

    static void write(DynamoDbAsyncClient dynamo, String table, int shards) {
        dynamo.createTable(creation(table)).join();
        for (int shard = 0; shard < shards; shard++) {
            Map<String, AttributeValue> lease = lease(shard, shards);
            dynamo.putItem(request -> request.tableName(table).item(lease)).join();
        }
    }

    private static CreateTableRequest creation(String table) {
        return CreateTableRequest.builder()
                .tableName(table)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(text(KEY), text(OWNER))
                .keySchema(key(KEY, KeyType.HASH))
                .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                        .indexName(INDEX)
                        .keySchema(key(OWNER, KeyType.HASH), key(KEY, KeyType.RANGE))
                        .projection(projection -> projection.projectionType(ProjectionType.KEYS_ONLY))
                        .build())
                .build();
    }

    private static AttributeDefinition text(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(String name, KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }

    private static Map<String, AttributeValue> lease(int shard, int shards) {
        return Map.of(
                KEY,
                AttributeValue.fromS(StreamArguments.shardId(shard)),
                "leaseCounter",
                AttributeValue.fromN("0"),
                "ownerSwitchesSinceCheckpoint",
                AttributeValue.fromN("0"),
                "checkpoint",
                AttributeValue.fromS("TRIM_HORIZON"),
                "checkpointSubSequenceNumber",
                AttributeValue.fromN("0"),
                "startingHashKey",
                AttributeValue.fromS(HashKeys.first(shard, shards)),
                "endingHashKey",
                AttributeValue.fromS(HashKeys.last(shard, shards)),
                "entityType",
                AttributeValue.fromS("LEASE"));
    }
}
