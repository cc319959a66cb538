package dev.millrace.kcl;

import dev.millrace.aws.CallFailure;
import dev.millrace.checkpoint.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

/**
 * The library's table of one mapping's leases, as far as we write and read it ourselves: made in advance, since the library takes
 * half a minute for that, and filled with a lease for each shard that may begin. The layout is the library's, pinned by a test.
 * Thread-safe.
 */
final class LeaseTable {

    static final String KEY = "leaseKey";
    /** Raised by each renewal: who sees it unchanged for the failover time may take the lease. */
    static final String COUNTER = "leaseCounter";
    /** Who has the lease, or is to have it as soon as the node below has let go. */
    static final String OWNER = "leaseOwner";

    private static final String LETTING_GO = "checkpointOwner";
    private static final String CHECKPOINT = "checkpoint";
    private static final String SHARD_END = "SHARD_END";
    private static final String OWNER_INDEX = "LeaseOwnerToLeaseKeyIndex";
    /** The library keeps its leader's lock and its workers' reports in the same table. */
    private static final String TYPE = "entityType";

    private static final String LEASE = "LEASE";

    /** Every lease covers every key, so that the library's search for holes finds none. */
    private static final String FIRST_HASH_KEY = "0";

    private static final String LAST_HASH_KEY = "340282366920938463463374607431768211455";

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final DynamoDbClient client;
    private final String name;

    LeaseTable(DynamoDbClient client, String name) {
        this.client = client;
        this.name = name;
    }

    /**
     * Who has a lease.
     *
     * @param next the node that gets it when this one has let go; null when none does
     */
    record Ownership(String owner, @Nullable String next) {}

    /** Returns when the table and its index can be used. Several nodes may do this at once. */
    void ensure() throws StoreException, InterruptedException {
        long began = System.nanoTime();
        boolean asked = false;
        while (System.nanoTime() - began < LONGEST.toNanos()) {
            TableDescription found =
                    call("dynamodb:DescribeTable", this::describe).orElse(null);
            if (found == null && !asked) {
                call("dynamodb:CreateTable", this::create);
                asked = true;
            } else if (found != null && isReady(found)) {
                return;
            } else {
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            }
        }
        throw new StoreException("the lease table " + name + " is not ready after " + LONGEST.toSeconds()
                + " s. Look at it in DynamoDB; it will be tried again");
    }

    private Optional<TableDescription> describe() {
        try {
            return Optional.of(client.describeTable(
                            DescribeTableRequest.builder().tableName(name).build())
                    .table());
        } catch (ResourceNotFoundException _) {
            return Optional.empty();
        }
    }

    private static boolean isReady(TableDescription table) {
        return table.tableStatus() == TableStatus.ACTIVE
                && table.globalSecondaryIndexes().stream()
                        .anyMatch(index ->
                                index.indexName().equals(OWNER_INDEX) && index.indexStatus() == IndexStatus.ACTIVE);
    }

    private boolean create() {
        try {
            client.createTable(CreateTableRequest.builder()
                    .tableName(name)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(text(KEY), text(OWNER))
                    .keySchema(key(KEY, KeyType.HASH))
                    .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                            .indexName(OWNER_INDEX)
                            .keySchema(key(OWNER, KeyType.HASH), key(KEY, KeyType.RANGE))
                            .projection(Projection.builder()
                                    .projectionType(ProjectionType.KEYS_ONLY)
                                    .build())
                            .build())
                    .build());
            return true;
        } catch (ResourceInUseException _) {
            return false;
        }
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

    /** Writes the lease of a shard that may begin, unless somebody else has. */
    void offer(String shardId) throws StoreException, InterruptedException {
        PutItemRequest request = PutItemRequest.builder()
                .tableName(name)
                .conditionExpression("attribute_not_exists(" + KEY + ")")
                .item(Map.ofEntries(
                        Map.entry(KEY, AttributeValue.fromS(shardId)),
                        Map.entry(COUNTER, AttributeValue.fromN("0")),
                        Map.entry("ownerSwitchesSinceCheckpoint", AttributeValue.fromN("0")),
                        // Not where the shard begins, which the store knows: the library wants something here.
                        Map.entry(CHECKPOINT, AttributeValue.fromS("TRIM_HORIZON")),
                        Map.entry("checkpointSubSequenceNumber", AttributeValue.fromN("0")),
                        Map.entry("startingHashKey", AttributeValue.fromS(FIRST_HASH_KEY)),
                        Map.entry("endingHashKey", AttributeValue.fromS(LAST_HASH_KEY)),
                        Map.entry(TYPE, AttributeValue.fromS(LEASE))))
                .build();
        call("dynamodb:PutItem", () -> {
            try {
                client.putItem(request);
                return true;
            } catch (ConditionalCheckFailedException _) {
                return false;
            }
        });
    }

    /** Deletes the lease of a shard that has ended, if there is one. */
    void forget(String shardId) throws StoreException, InterruptedException {
        DeleteItemRequest request = DeleteItemRequest.builder()
                .tableName(name)
                .key(Map.of(KEY, AttributeValue.fromS(shardId)))
                .conditionExpression("attribute_not_exists(" + KEY + ") or " + CHECKPOINT + " = :end")
                .expressionAttributeValues(Map.of(":end", AttributeValue.fromS(SHARD_END)))
                .build();
        call("dynamodb:DeleteItem", () -> {
            try {
                client.deleteItem(request);
                return true;
            } catch (ConditionalCheckFailedException _) {
                // Its last holder has not told yet; nobody else does harm with it.
                return false;
            }
        });
    }

    /** Who has which lease; leases that nobody has are left out, and those of shards that have ended. */
    Map<String, Ownership> owners() throws StoreException, InterruptedException {
        return call("dynamodb:Scan", () -> {
            Map<String, Ownership> owners = new HashMap<>();
            client.scanPaginator(ScanRequest.builder().tableName(name).build())
                    .items()
                    .forEach(item -> {
                        String owner = value(item, OWNER);
                        String shardId = value(item, KEY);
                        boolean open = LEASE.equals(value(item, TYPE)) && !SHARD_END.equals(value(item, CHECKPOINT));
                        if (open && owner != null && shardId != null) {
                            String now = value(item, LETTING_GO);
                            owners.put(
                                    shardId,
                                    now == null || now.equals(owner)
                                            ? new Ownership(owner, null)
                                            : new Ownership(now, owner));
                        }
                    });
            return owners;
        });
    }

    private static @Nullable String value(Map<String, AttributeValue> item, String name) {
        AttributeValue value = item.get(name);
        return value == null ? null : value.s();
    }

    private <T> T call(String action, Supplier<T> call) throws StoreException, InterruptedException {
        try {
            return call.get();
        } catch (RuntimeException e) {
            CallFailure failure = CallFailure.of(e, name);
            throw new StoreException(
                    "the lease table " + name + ": " + action + " failed: " + failure + ". It will be tried again", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
