package dev.millrace.aws.table;

import dev.millrace.checkpoint.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexDescription;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

/** Makes a table where there is none, and looks whether one that is there can be used. */
public final class TableSetup {

    private static final Logger LOG = LoggerFactory.getLogger(TableSetup.class);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    /** At AWS a table is made within some ten seconds. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final Set<TableStatus> USABLE = Set.of(TableStatus.ACTIVE, TableStatus.UPDATING);
    private static final Set<IndexStatus> USABLE_INDEX = Set.of(IndexStatus.ACTIVE, IndexStatus.UPDATING);

    private final DynamoDbClient client;
    private final CreateTableRequest definition;
    private final TableCalls calls;

    /**
     * A table that nobody has looked for yet.
     *
     * @param definition its key, the attributes of that, and its indexes; it is billed by request
     */
    public TableSetup(DynamoDbClient client, CreateTableRequest.Builder definition, TableCalls calls) {
        this.client = client;
        this.definition = definition
                .tableName(calls.table())
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .build();
        this.calls = calls;
    }

    /** An attribute of a key. */
    public static AttributeDefinition text(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    /** The part of a key by which items are spread. */
    public static KeySchemaElement hash(String name) {
        return KeySchemaElement.builder()
                .attributeName(name)
                .keyType(KeyType.HASH)
                .build();
    }

    /** The part of a key by which items of one hash are ordered. */
    public static KeySchemaElement range(String name) {
        return KeySchemaElement.builder()
                .attributeName(name)
                .keyType(KeyType.RANGE)
                .build();
    }

    /**
     * Returns when the table and its indexes can be used. Several nodes may do this at once.
     *
     * @return whether there was none, so that it has been made by this node or another one meanwhile
     * @throws StoreException when there is none and none can be made, or what is there is another kind of table
     */
    public boolean ensure() throws StoreException, InterruptedException {
        long began = System.nanoTime();
        boolean made = false;
        while (System.nanoTime() - began < LONGEST.toNanos()) {
            Optional<TableDescription> found = calls.make("dynamodb:DescribeTable", this::describe);
            if (found.isEmpty() && !made) {
                calls.make("dynamodb:CreateTable", this::create);
                made = true;
            } else if (found.isPresent() && isReady(found.get())) {
                return made;
            } else {
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            }
        }
        throw new StoreException("the table " + calls.table() + ", " + calls.setting() + ", cannot be used "
                + LONGEST.toSeconds() + " s after it was looked for. Look at it and its indexes in DynamoDB");
    }

    private Optional<TableDescription> describe() {
        try {
            return Optional.of(client.describeTable(DescribeTableRequest.builder()
                            .tableName(calls.table())
                            .build())
                    .table());
        } catch (ResourceNotFoundException _) {
            return Optional.empty();
        }
    }

    private boolean create() {
        try {
            client.createTable(definition);
            LOG.atInfo().addKeyValue("table", calls.table()).log("table created");
            return true;
        } catch (ResourceInUseException _) {
            LOG.atDebug().addKeyValue("table", calls.table()).log("another node makes the table");
            return false;
        }
    }

    /** One that is being changed can be used meanwhile. */
    private boolean isReady(TableDescription found) throws StoreException {
        List<String> expected = names(definition.keySchema());
        List<String> key = names(found.keySchema());
        if (!key.equals(expected)) {
            throw new StoreException("the table " + calls.table() + " has the key " + key + " and not " + expected
                    + ": it is of another program. Name another table in " + calls.setting());
        }
        Set<String> indexes = found.globalSecondaryIndexes().stream()
                .filter(index -> USABLE_INDEX.contains(index.indexStatus()))
                .map(GlobalSecondaryIndexDescription::indexName)
                .collect(Collectors.toSet());
        return USABLE.contains(found.tableStatus())
                && definition.globalSecondaryIndexes().stream()
                        .map(GlobalSecondaryIndex::indexName)
                        .allMatch(indexes::contains);
    }

    private static List<String> names(List<KeySchemaElement> key) {
        return key.stream().map(KeySchemaElement::attributeName).toList();
    }
}
