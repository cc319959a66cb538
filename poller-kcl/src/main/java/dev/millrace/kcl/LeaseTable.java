package dev.millrace.kcl;

import dev.millrace.aws.table.TableCalls;
import dev.millrace.aws.table.TableSetup;
import dev.millrace.checkpoint.StoreException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * The library's table of one mapping's leases, as far as we write and read it ourselves: made in advance, since the library takes
 * half a minute for that, and filled with a lease for each shard that may begin. The layout is the library's, which reads it in the tests.
 * Thread-safe.
 */
final class LeaseTable {

    static final String KEY = "leaseKey";
    /** Raised by each renewal: who sees it unchanged for the failover time may take the lease. */
    static final String COUNTER = "leaseCounter";
    /** Who has the lease, or is to have it as soon as the node below has let go. */
    static final String OWNER = "leaseOwner";

    /** Who has the lease still while it is handed over. */
    static final String LETTING_GO = "checkpointOwner";

    private static final String CHECKPOINT = "checkpoint";
    private static final String SHARD_END = "SHARD_END";
    private static final String OWNER_INDEX = "LeaseOwnerToLeaseKeyIndex";
    /** The library keeps its leader's lock and its workers' reports in the same table. */
    private static final String TYPE = "entityType";

    private static final String LEASE = "LEASE";

    /** Of the item that says by which of its versions' ways nodes share, and who wrote that when. */
    private static final String VERSION = "cv";

    private static final String VERSION_BY = "mb";
    private static final String VERSION_AT = "mts";

    /** Every lease covers every key, so that the library's search for holes finds none. */
    private static final String FIRST_HASH_KEY = "0";

    private static final String LAST_HASH_KEY = "340282366920938463463374607431768211455";

    private static final String RIGHTS =
            "dynamodb:DescribeTable, CreateTable, GetItem, PutItem, UpdateItem, DeleteItem, Scan, Query";

    private final DynamoDbClient client;
    private final String name;
    private final TableCalls calls;

    LeaseTable(DynamoDbClient client, String name) {
        this.client = client;
        this.name = name;
        this.calls = new TableCalls(name, "Coordination.LeaseTablePrefix", RIGHTS);
    }

    /**
     * Who has a lease.
     *
     * @param next the node that gets it when this one has let go; null when none does
     */
    record Ownership(String owner, @Nullable String next) {}

    /**
     * All that the table has.
     *
     * @param keys of every lease there is, and of what the library keeps beside them
     * @param owners of the leases that somebody has, but not of those of shards that have ended
     */
    record Contents(Set<String> keys, Map<String, Ownership> owners) {}

    /** Returns when the table and its index can be used. Several nodes may do this at once. */
    void ensure() throws StoreException, InterruptedException {
        CreateTableRequest.Builder definition = CreateTableRequest.builder()
                .attributeDefinitions(TableSetup.text(KEY), TableSetup.text(OWNER))
                .keySchema(TableSetup.hash(KEY))
                .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                        .indexName(OWNER_INDEX)
                        .keySchema(TableSetup.hash(OWNER), TableSetup.range(KEY))
                        .projection(Projection.builder()
                                .projectionType(ProjectionType.KEYS_ONLY)
                                .build())
                        .build());
        boolean _ = new TableSetup(client, definition, calls).ensure();
    }

    /**
     * Tells the library in advance which of its versions' ways nodes share by. It finds that out itself in two writes, and a node
     * that reads what another one is just writing fails once a second until it gives up. To be called before a node's scheduler
     * starts.
     */
    void settleVersion(String node, Instant now) throws StoreException, InterruptedException {
        String millis = String.valueOf(now.toEpochMilli());
        Map<String, AttributeValue> before = Map.of(
                VERSION, AttributeValue.fromS("CLIENT_VERSION_INIT"),
                VERSION_BY, AttributeValue.fromS(node),
                VERSION_AT, AttributeValue.fromN(millis));
        putNew(Map.of(
                KEY,
                AttributeValue.fromS("Migration3.0"),
                TYPE,
                AttributeValue.fromS("CLIENT_VERSION_MIGRATION"),
                VERSION,
                AttributeValue.fromS("CLIENT_VERSION_3X"),
                VERSION_BY,
                AttributeValue.fromS(node),
                VERSION_AT,
                AttributeValue.fromN(millis),
                "h",
                AttributeValue.fromL(List.of(AttributeValue.fromM(before)))));
    }

    /** Writes the lease of a shard that may begin, unless somebody else has. */
    void offer(String shardId) throws StoreException, InterruptedException {
        putNew(Map.ofEntries(
                Map.entry(KEY, AttributeValue.fromS(shardId)),
                Map.entry(COUNTER, AttributeValue.fromN("0")),
                Map.entry("ownerSwitchesSinceCheckpoint", AttributeValue.fromN("0")),
                // Not where the shard begins, which the store knows: the library wants something here.
                Map.entry(CHECKPOINT, AttributeValue.fromS("TRIM_HORIZON")),
                Map.entry("checkpointSubSequenceNumber", AttributeValue.fromN("0")),
                Map.entry("startingHashKey", AttributeValue.fromS(FIRST_HASH_KEY)),
                Map.entry("endingHashKey", AttributeValue.fromS(LAST_HASH_KEY)),
                Map.entry(TYPE, AttributeValue.fromS(LEASE))));
    }

    private void putNew(Map<String, AttributeValue> item) throws StoreException, InterruptedException {
        PutItemRequest request = PutItemRequest.builder()
                .tableName(name)
                .conditionExpression("attribute_not_exists(" + KEY + ")")
                .item(item)
                .build();
        unlessRefused("dynamodb:PutItem", () -> client.putItem(request));
    }

    /** Makes a write whose condition says whether there is anything to write. */
    private void unlessRefused(String action, Supplier<?> write) throws StoreException, InterruptedException {
        calls.make(action, () -> {
            try {
                var _ = write.get();
                return true;
            } catch (ConditionalCheckFailedException _) {
                return false;
            }
        });
    }

    /**
     * Deletes the lease of a shard that is finished, if there is one: also where that was not told in the table, since its holder
     * was killed after it had stored the end.
     */
    void forget(String shardId) throws StoreException, InterruptedException {
        DeleteItemRequest request = DeleteItemRequest.builder()
                .tableName(name)
                .key(Map.of(KEY, AttributeValue.fromS(shardId)))
                .build();
        calls.make("dynamodb:DeleteItem", () -> client.deleteItem(request));
    }

    /**
     * Tells the others that a node is gone, so that they take its leases at once and not when they run out. Its scheduler has
     * ended, and nothing of these shards runs.
     *
     * @param shardIds the leases that it held
     */
    void leave(String node, Collection<String> shardIds) throws StoreException, InterruptedException {
        // First its report, or the leader gives it what it has just let go of.
        DeleteItemRequest report = DeleteItemRequest.builder()
                .tableName(name)
                .key(Map.of(KEY, AttributeValue.fromS(node)))
                .conditionExpression(TYPE + " = :report")
                .expressionAttributeValues(Map.of(":report", AttributeValue.fromS("WORKER_METRIC_STATS")))
                .build();
        unlessRefused("dynamodb:DeleteItem", () -> client.deleteItem(report));
        for (String shardId : shardIds) {
            UpdateItemRequest release = UpdateItemRequest.builder()
                    .tableName(name)
                    .key(Map.of(KEY, AttributeValue.fromS(shardId)))
                    .updateExpression("REMOVE " + OWNER + " ADD " + COUNTER + " :one")
                    .conditionExpression(OWNER + " = :node AND attribute_not_exists(" + LETTING_GO + ")")
                    .expressionAttributeValues(
                            Map.of(":node", AttributeValue.fromS(node), ":one", AttributeValue.fromN("1")))
                    .build();
            unlessRefused("dynamodb:UpdateItem", () -> client.updateItem(release));
        }
    }

    /** Reads the whole table. */
    Contents read() throws StoreException, InterruptedException {
        return calls.make("dynamodb:Scan", () -> {
            Set<String> keys = new HashSet<>();
            Map<String, Ownership> owners = new HashMap<>();
            client.scanPaginator(ScanRequest.builder().tableName(name).build())
                    .items()
                    .forEach(item -> {
                        String owner = value(item, OWNER);
                        String shardId = value(item, KEY);
                        boolean open = LEASE.equals(value(item, TYPE)) && !hasEnded(item);
                        if (shardId != null) {
                            keys.add(shardId);
                        }
                        if (open && owner != null && shardId != null) {
                            String now = value(item, LETTING_GO);
                            owners.put(
                                    shardId,
                                    now == null || now.equals(owner)
                                            ? new Ownership(owner, null)
                                            : new Ownership(now, owner));
                        }
                    });
            return new Contents(keys, owners);
        });
    }

    /** Who has which lease; leases that nobody has are left out, and those of shards that have ended. */
    Map<String, Ownership> owners() throws StoreException, InterruptedException {
        return read().owners();
    }

    /** Whether this lease's shard has ended. */
    static boolean hasEnded(Map<String, AttributeValue> lease) {
        return SHARD_END.equals(value(lease, CHECKPOINT));
    }

    private static @Nullable String value(Map<String, AttributeValue> item, String name) {
        AttributeValue value = item.get(name);
        return value == null ? null : value.s();
    }

    @Override
    public String toString() {
        return name;
    }
}
