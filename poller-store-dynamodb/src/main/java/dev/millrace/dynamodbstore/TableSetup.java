package dev.millrace.dynamodbstore;

import dev.millrace.aws.CallFailure;
import dev.millrace.checkpoint.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveSpecification;
import software.amazon.awssdk.services.dynamodb.model.UpdateTimeToLiveRequest;

/** Makes the store's table where there is none, and looks whether one that is there can be used. */
final class TableSetup {

    private static final Logger LOG = LoggerFactory.getLogger(TableSetup.class);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    /** At AWS a table is made within some ten seconds. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final DynamoDbClient client;
    private final String table;

    TableSetup(DynamoDbClient client, String table) {
        this.client = client;
        this.table = table;
    }

    /**
     * Returns when the table can be used. Several nodes may do this at once.
     *
     * @throws StoreException when there is none and none can be made, or what is there is another kind of table
     */
    void ensure() throws StoreException, InterruptedException {
        String action = "dynamodb:DescribeTable";
        try {
            TableDescription found = describe();
            if (found == null) {
                action = "dynamodb:CreateTable";
                create();
                found = awaitTable();
            }
            check(found);
        } catch (RuntimeException e) {
            throw new StoreException(TableFailures.message(CallFailure.of(e, table), table, action), e);
        }
    }

    private @Nullable TableDescription describe() {
        try {
            return client.describeTable(
                            DescribeTableRequest.builder().tableName(table).build())
                    .table();
        } catch (ResourceNotFoundException _) {
            return null;
        }
    }

    private void create() {
        try {
            client.createTable(CreateTableRequest.builder()
                    .tableName(table)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(text(StoreTable.PARTITION), text(StoreTable.ITEM))
                    .keySchema(key(StoreTable.PARTITION, KeyType.HASH), key(StoreTable.ITEM, KeyType.RANGE))
                    .build());
            LOG.atInfo().addKeyValue("table", table).log("store's table created");
        } catch (ResourceInUseException _) {
            LOG.atDebug().addKeyValue("table", table).log("another node makes the store's table");
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

    private TableDescription awaitTable() throws StoreException, InterruptedException {
        long began = System.nanoTime();
        while (System.nanoTime() - began < LONGEST.toNanos()) {
            TableDescription found = describe();
            if (found != null && found.tableStatus() == TableStatus.ACTIVE) {
                letItExpire();
                return found;
            }
            TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
        }
        throw new StoreException("the table " + table + " is not ready " + LONGEST.toSeconds()
                + " s after it was made. Look at it in DynamoDB, then start the daemon anew");
    }

    /** Without it the audit grows without bound, which is no reason not to start. */
    private void letItExpire() throws InterruptedException {
        try {
            client.updateTimeToLive(UpdateTimeToLiveRequest.builder()
                    .tableName(table)
                    .timeToLiveSpecification(TimeToLiveSpecification.builder()
                            .attributeName(StoreTable.EXPIRES)
                            .enabled(true)
                            .build())
                    .build());
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("table", table)
                    .log(
                            "old entries of the audit stay in the store's table: enable time to live on {} ({})",
                            StoreTable.EXPIRES,
                            TableFailures.message(CallFailure.of(e, table), table, "dynamodb:UpdateTimeToLive"));
        }
    }

    private void check(TableDescription found) throws StoreException {
        List<String> keys =
                found.keySchema().stream().map(KeySchemaElement::attributeName).toList();
        if (!keys.equals(List.of(StoreTable.PARTITION, StoreTable.ITEM))) {
            throw new StoreException("the table " + table + " has the key " + keys + " and not ["
                    + StoreTable.PARTITION + ", " + StoreTable.ITEM
                    + "]: it is of another program. Name another table in Store.Table");
        }
    }
}
