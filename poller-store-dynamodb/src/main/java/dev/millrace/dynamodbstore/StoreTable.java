package dev.millrace.dynamodbstore;

import dev.millrace.aws.table.TableCalls;
import dev.millrace.aws.table.TableSetup;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.invoke.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * The table, item by item. Items of one partition are told apart by a text, so that a kind of item is a range of texts.
 * Reads are consistent. Failures are said as {@link StoreException}; nothing is tried again here but what DynamoDB leaves
 * undone of a batch. Thread-safe.
 */
final class StoreTable {

    /** The partition key, a text: a mapping's id, or that of a kind of items. */
    static final String PARTITION = "partition";
    /** The sort key, a text. */
    static final String ITEM = "item";
    /** Seconds since 1970 after which DynamoDB may drop an item. */
    static final String EXPIRES = "expires";

    private static final String RIGHTS = "dynamodb:DescribeTable, CreateTable, DescribeTimeToLive, UpdateTimeToLive,"
            + " GetItem, PutItem, UpdateItem, Query, BatchWriteItem";

    /** DynamoDB's own bound. */
    private static final int BATCH = 25;

    private static final int MOST_TRIES = 10;
    private static final Backoff UNDONE = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    private final DynamoDbClient client;
    private final String name;
    /** Held for reading by calls under way. */
    private final ReadWriteLock open = new ReentrantReadWriteLock();

    private final TableCalls calls;
    private final TableSetup setup;
    private final TimeToLive timeToLive;
    private final Lock settingUp = new ReentrantLock();

    private volatile boolean ready;
    private volatile boolean closed;

    /** A table that is made at the first call if it is not there, so that a server out of reach stops nothing else. */
    StoreTable(DynamoDbClient client, String name) {
        this.client = client;
        this.name = name;
        this.calls = new TableCalls(name, "Store.Table", RIGHTS);
        this.setup = new TableSetup(
                client,
                CreateTableRequest.builder()
                        .attributeDefinitions(TableSetup.text(PARTITION), TableSetup.text(ITEM))
                        .keySchema(TableSetup.hash(PARTITION), TableSetup.range(ITEM)),
                calls);
        this.timeToLive = new TimeToLive(client, calls);
    }

    /** Where an item is. */
    record ItemKey(String partition, String item) {

        Map<String, AttributeValue> attributes() {
            return Map.of(PARTITION, AttributeValue.fromS(partition), ITEM, AttributeValue.fromS(item));
        }

        static ItemKey of(Map<String, AttributeValue> item) {
            return new ItemKey(Attributes.text(item, PARTITION), Attributes.text(item, ITEM));
        }
    }

    /** An item to write, and what must hold of the one that is there. */
    record ConditionalPut(Map<String, AttributeValue> item, Condition condition) {}

    Optional<Map<String, AttributeValue>> get(ItemKey key) throws StoreException, InterruptedException {
        Map<String, AttributeValue> item = call(
                "dynamodb:GetItem",
                () -> client.getItem(GetItemRequest.builder()
                                .tableName(name)
                                .key(key.attributes())
                                .consistentRead(true)
                                .build())
                        .item());
        return item.isEmpty() ? Optional.empty() : Optional.of(item);
    }

    /** All items of a partition whose sort keys begin so, in the order of these. */
    List<Map<String, AttributeValue>> query(String partition, String prefix)
            throws StoreException, InterruptedException {
        QueryRequest.Builder request = QueryRequest.builder()
                .tableName(name)
                .consistentRead(true)
                .keyConditionExpression("#p = :p and begins_with(#i, :i)")
                .expressionAttributeNames(Map.of("#p", PARTITION, "#i", ITEM))
                .expressionAttributeValues(
                        Map.of(":p", AttributeValue.fromS(partition), ":i", AttributeValue.fromS(prefix)));
        if (prefix.isEmpty()) {
            // DynamoDB takes no empty text there.
            request.keyConditionExpression("#p = :p")
                    .expressionAttributeNames(Map.of("#p", PARTITION))
                    .expressionAttributeValues(Map.of(":p", AttributeValue.fromS(partition)));
        }
        List<Map<String, AttributeValue>> items = new ArrayList<>();
        while (true) {
            QueryResponse page = call("dynamodb:Query", () -> client.query(request.build()));
            items.addAll(page.items());
            if (!page.hasLastEvaluatedKey() || page.lastEvaluatedKey().isEmpty()) {
                return items;
            }
            request.exclusiveStartKey(page.lastEvaluatedKey());
        }
    }

    /**
     * Writes an item in place of the one that is there.
     *
     * @return false when the condition did not hold and nothing was written
     */
    boolean put(Map<String, AttributeValue> item, @Nullable Condition condition)
            throws StoreException, InterruptedException {
        PutItemRequest.Builder request =
                PutItemRequest.builder().tableName(name).item(item);
        if (condition != null) {
            request.conditionExpression(condition.expression()).expressionAttributeValues(condition.valuesOrNull());
        }
        return call("dynamodb:PutItem", () -> {
            try {
                client.putItem(request.build());
                return true;
            } catch (ConditionalCheckFailedException _) {
                return false;
            }
        });
    }

    /**
     * Writes all of these items, or none; 100 at most.
     *
     * @return false when a condition did not hold and nothing was written
     */
    boolean putTogether(List<ConditionalPut> puts) throws StoreException, InterruptedException {
        TransactWriteItemsRequest request = TransactWriteItemsRequest.builder()
                .transactItems(puts.stream().map(this::transactional).toList())
                .build();
        return call("dynamodb:PutItem", () -> {
            try {
                client.transactWriteItems(request);
                return true;
            } catch (TransactionCanceledException e) {
                if (e.cancellationReasons().stream()
                        .anyMatch(reason -> "ConditionalCheckFailed".equals(reason.code()))) {
                    return false;
                }
                throw e;
            }
        });
    }

    private TransactWriteItem transactional(ConditionalPut put) {
        Put write = Put.builder()
                .tableName(name)
                .item(put.item())
                .conditionExpression(put.condition().expression())
                .expressionAttributeValues(put.condition().valuesOrNull())
                .build();
        return TransactWriteItem.builder().put(write).build();
    }

    /** Deletes one item; false when it was not there. */
    boolean delete(ItemKey key) throws StoreException, InterruptedException {
        DeleteItemRequest request = DeleteItemRequest.builder()
                .tableName(name)
                .key(key.attributes())
                .returnValues(ReturnValue.ALL_OLD)
                .build();
        return call("dynamodb:DeleteItem", () -> client.deleteItem(request).hasAttributes());
    }

    /**
     * Changes an item, or makes it; answers all of it as it is then.
     *
     * @param expression in DynamoDB's language
     */
    Map<String, AttributeValue> update(ItemKey key, String expression, Map<String, AttributeValue> values)
            throws StoreException, InterruptedException {
        return call(
                "dynamodb:UpdateItem",
                () -> client.updateItem(UpdateItemRequest.builder()
                                .tableName(name)
                                .key(key.attributes())
                                .updateExpression(expression)
                                .expressionAttributeValues(values)
                                .returnValues(ReturnValue.ALL_NEW)
                                .build())
                        .attributes());
    }

    /** Writes items one by one, in any order. */
    void putAll(Collection<Map<String, AttributeValue>> items) throws StoreException, InterruptedException {
        writeAll(items.stream()
                .map(item -> WriteRequest.builder()
                        .putRequest(PutRequest.builder().item(item).build())
                        .build())
                .toList());
    }

    /** Deletes items one by one, in any order; takes those that are not there. */
    void deleteAll(Collection<ItemKey> keys) throws StoreException, InterruptedException {
        writeAll(keys.stream()
                .map(key -> WriteRequest.builder()
                        .deleteRequest(
                                DeleteRequest.builder().key(key.attributes()).build())
                        .build())
                .toList());
    }

    /** Deletes what {@link #query} finds. */
    void deleteAll(String partition, String prefix) throws StoreException, InterruptedException {
        deleteAll(query(partition, prefix).stream().map(ItemKey::of).toList());
    }

    private void writeAll(List<WriteRequest> requests) throws StoreException, InterruptedException {
        for (int from = 0; from < requests.size(); from += BATCH) {
            writeBatch(requests.subList(from, Math.min(requests.size(), from + BATCH)));
        }
    }

    /** DynamoDB does as much of a batch as the table's throughput allows. */
    private void writeBatch(List<WriteRequest> batch) throws StoreException, InterruptedException {
        List<WriteRequest> undone = batch;
        for (int tries = 1; !undone.isEmpty(); tries++) {
            BatchWriteItemRequest request = BatchWriteItemRequest.builder()
                    .requestItems(Map.of(name, undone))
                    .build();
            undone = call(
                    "dynamodb:BatchWriteItem",
                    () -> client.batchWriteItem(request).unprocessedItems().getOrDefault(name, List.of()));
            if (!undone.isEmpty()) {
                if (tries == MOST_TRIES) {
                    throw new StoreException("the table " + name + " takes no more writes for now: " + undone.size()
                            + " items are left after " + tries
                            + " tries. Give the table more write capacity, or bill it"
                            + " by request");
                }
                TimeUnit.NANOSECONDS.sleep(
                        UNDONE.pause(tries, ThreadLocalRandom.current()).toNanos());
            }
        }
    }

    private <T> T call(String action, Supplier<T> call) throws StoreException, InterruptedException {
        Lock using = open.readLock();
        using.lockInterruptibly();
        try {
            if (closed) {
                throw new StoreException("the store in the table " + name + " is closed");
            }
            setUp();
            return calls.make(action, call);
        } finally {
            using.unlock();
        }
    }

    private void setUp() throws StoreException, InterruptedException {
        if (ready) {
            return;
        }
        settingUp.lockInterruptibly();
        try {
            if (!ready) {
                timeToLive.ensure(setup.ensure());
                ready = true;
            }
        } finally {
            settingUp.unlock();
        }
    }

    /** Waits for calls under way; further ones fail. */
    void close() {
        Lock closing = open.writeLock();
        closing.lock();
        try {
            closed = true;
        } finally {
            closing.unlock();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
