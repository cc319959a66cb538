package dev.millrace.dynamodbstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;

/** What holds between nodes that share a table. */
class SharedStoreTest {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final String SHARD = "shardId-000000000000";
    private static final Instant NOW = Instant.parse("2026-03-01T12:34:56Z");

    private final StoreTables tables = new StoreTables();
    private DynamoDbCheckpointStore one;
    private DynamoDbCheckpointStore other;

    @BeforeEach
    void openOnTwoNodes() throws Exception {
        one = tables.open("one");
        other = tables.open("other");
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
        tables.close();
    }

    private static ShardProgress settled(long number) {
        return new ShardProgress(
                new ReadPosition.TrimHorizon(),
                new ShardCheckpoint(SequenceNumber.of(Long.toString(number)), NOW, List.of()),
                null,
                false);
    }

    private static ShardProgress window(String state) {
        return new ShardProgress(
                new ReadPosition.TrimHorizon(),
                ShardCheckpoint.NONE,
                new WindowProgress(NOW, Payload.ofText(state)),
                false);
    }

    private static MappingProgress mapping(Map<String, ShardProgress> shards) {
        return new MappingProgress("arn", NOW, null, shards);
    }

    private static String stateClaimedBy(DynamoDbCheckpointStore store) throws Exception {
        WindowProgress window = store.claim(MAPPING, SHARD, NOW).orElseThrow().window();
        return window == null ? "none" : window.state().text();
    }

    private int items() {
        return tables.client
                .scan(ScanRequest.builder().tableName(tables.name).build())
                .count();
    }

    @Test
    void takesNothingFromANodeWhoseShardAnotherHasClaimed() throws Exception {
        one.create(MAPPING, mapping(Map.of(SHARD, settled(1))), null);
        one.claim(MAPPING, SHARD, NOW);
        one.save(MAPPING, SHARD, settled(2));

        assertThat(other.claim(MAPPING, SHARD, NOW)).contains(settled(2));

        assertThatThrownBy(() -> one.save(MAPPING, SHARD, settled(3)))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining(SHARD);
        other.save(MAPPING, SHARD, settled(4));
        assertThat(one.load(MAPPING)).contains(mapping(Map.of(SHARD, settled(4))));
    }

    @Test
    void takesNothingFromANodeThatHasNotClaimedTheShard() throws Exception {
        one.create(MAPPING, mapping(Map.of(SHARD, settled(1))), null);

        assertThatIllegalStateException()
                .isThrownBy(() -> one.save(MAPPING, SHARD, settled(2)))
                .withMessageContainingAll(SHARD, MAPPING.toString(), "not claimed");
        assertThat(one.load(MAPPING)).contains(mapping(Map.of(SHARD, settled(1))));
    }

    @Test
    void takesNothingThatWouldMakeAWindowOfALostShard() throws Exception {
        one.create(MAPPING, mapping(Map.of()), null);
        one.claim(MAPPING, SHARD, NOW);
        one.save(MAPPING, SHARD, window("{\"sum\":1}"));
        other.claim(MAPPING, SHARD, NOW);
        int before = items();

        assertThatThrownBy(() -> one.save(MAPPING, SHARD, window("{\"sum\":2}")))
                .isInstanceOf(LeaseLostException.class);

        assertThat(items()).isEqualTo(before);
        assertThat(stateClaimedBy(other)).isEqualTo("{\"sum\":1}");
    }

    @Test
    void keepsOneStateOfAWindowAndNoneWhenItIsOver() throws Exception {
        one.create(MAPPING, mapping(Map.of(SHARD, settled(1))), null);
        int without = items();
        one.claim(MAPPING, SHARD, NOW);

        for (int i = 0; i < 5; i++) {
            one.save(MAPPING, SHARD, window("{\"sum\":" + i + "}"));
            assertThat(items()).isEqualTo(without + 1);
        }
        ShardProgress sameState = one.claim(MAPPING, SHARD, NOW).orElseThrow();
        one.save(MAPPING, SHARD, sameState);
        assertThat(items()).isEqualTo(without + 1);
        assertThat(stateClaimedBy(other)).isEqualTo("{\"sum\":4}");

        other.save(MAPPING, SHARD, settled(9));
        assertThat(items()).isEqualTo(without);
    }

    /** A reading of many shards takes longer than the time between two saves of one, so that it always meets some. */
    @Test
    void loadsAMappingWhoseWindowsAreAllReplacedMeanwhile() throws Exception {
        one.create(MAPPING, mapping(Map.of()), null);
        for (int i = 0; i < 30; i++) {
            one.claim(MAPPING, "shard-" + i, NOW);
            one.save(MAPPING, "shard-" + i, window("before"));
        }
        Set<String> replaced = new HashSet<>();
        DynamoDbCheckpointStore reader = readsWindows(shardId -> {
            if (replaced.add(shardId)) {
                one.save(MAPPING, shardId, window("after"));
            }
        });

        MappingProgress loaded = reader.load(MAPPING).orElseThrow();

        assertThat(loaded.shards()).hasSize(30);
        assertThat(loaded.shards().values())
                .extracting(ShardProgress::window)
                .doesNotContainNull()
                .allMatch(window -> window.state().text().equals("after"));
        reader.close();
    }

    /** Before it reads the state of a shard's window, this happens. */
    private DynamoDbCheckpointStore readsWindows(Happening happening) {
        return tables.open("reader", MeddledTable.meddled(tables.client, request -> {
            if (request instanceof QueryRequest query) {
                String prefix = Attributes.text(query.expressionAttributeValues(), ":i");
                if (prefix.startsWith("window/")) {
                    happening.to(prefix.split("/", -1)[2]);
                }
            }
        }));
    }

    private interface Happening {
        void to(String shardId) throws Exception;
    }

    @Test
    void leavesOutAShardThatIsForgottenWhileItIsRead() throws Exception {
        one.create(MAPPING, mapping(Map.of("a", settled(1), "b", window("open"))), null);
        DynamoDbCheckpointStore reader = readsWindows(shardId -> one.forget(MAPPING, Set.of(shardId)));

        assertThat(reader.load(MAPPING)).contains(mapping(Map.of("a", settled(1))));
        reader.close();
    }

    @Test
    void forgetsAShardAlsoWhereTheStatesOfItsWindowsCannotBeDeleted() throws Exception {
        one.create(MAPPING, mapping(Map.of("a", settled(1), "b", window("open"))), null);
        AtomicInteger writes = new AtomicInteger();
        DynamoDbCheckpointStore cutOff = tables.open("cut-off", MeddledTable.meddled(tables.client, request -> {
            if (request instanceof BatchWriteItemRequest && writes.incrementAndGet() >= 2) {
                throw SdkClientException.create("cut off");
            }
        }));

        cutOff.forget(MAPPING, Set.of("b"));

        assertThat(writes).hasValueGreaterThanOrEqualTo(2);
        assertThat(other.load(MAPPING)).contains(mapping(Map.of("a", settled(1))));
        cutOff.close();
    }

    @Test
    void saysWhichShardHasNoStateOfItsWindow() throws Exception {
        one.create(MAPPING, mapping(Map.of(SHARD, window("open"))), null);
        for (var item : items(MAPPING.toString(), "window/")) {
            tables.client.deleteItem(request ->
                    request.tableName(tables.name).key(ItemKey.of(item).attributes()));
        }

        assertThatThrownBy(() -> other.load(MAPPING))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll(SHARD, MAPPING.toString(), "no state");
    }

    private List<Map<String, AttributeValue>> items(String partition, String prefix) throws Exception {
        return new StoreTable(tables.client, tables.name).query(partition, prefix);
    }

    @Test
    void letsOneOfManyNodesCreateAMapping() throws Exception {
        List<Future<Boolean>> creations = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int node = 0; node < 8; node++) {
                long number = node;
                DynamoDbCheckpointStore store = tables.open("node-" + node);
                creations.add(threads.submit(() -> store.create(
                        MAPPING,
                        new MappingProgress("arn", NOW, null, Map.of("a", settled(number), "b", settled(number))),
                        null)));
            }
        }

        List<Integer> winners = new ArrayList<>();
        for (int node = 0; node < creations.size(); node++) {
            if (creations.get(node).get()) {
                winners.add(node);
            }
        }
        assertThat(winners).hasSize(1);
        ShardProgress expected = settled(winners.getFirst());
        assertThat(one.load(MAPPING)).contains(mapping(Map.of("a", expected, "b", expected)));
        assertThat(items()).as("nothing is left of the losers'").isEqualTo(3);
    }

    @Test
    void endsTheClaimsOfAMappingThatIsCreatedAnew() throws Exception {
        MappingProgress first = mapping(Map.of(SHARD, settled(1)));
        one.create(MAPPING, first, null);
        one.claim(MAPPING, SHARD, NOW);
        MappingProgress second = new MappingProgress("arn", NOW.plusSeconds(1), null, Map.of(SHARD, settled(7)));

        assertThat(other.create(MAPPING, second, first)).isTrue();

        assertThatThrownBy(() -> one.save(MAPPING, SHARD, settled(2))).isInstanceOf(LeaseLostException.class);
        assertThat(one.claim(MAPPING, SHARD, NOW.plusSeconds(1))).contains(settled(7));
    }

    /** What a node decides to forget it has seen before the mapping was created anew, maybe with shards of the same ids. */
    @Test
    void forgetsNoShardOfAMappingThatAnotherNodeHasCreatedAnew() throws Exception {
        MappingProgress first = mapping(Map.of(SHARD, settled(1)));
        one.create(MAPPING, first, null);
        other.load(MAPPING);
        MappingProgress second = new MappingProgress("arn", NOW.plusSeconds(1), null, Map.of(SHARD, window("open")));
        one.create(MAPPING, second, first);
        one.claim(MAPPING, SHARD, NOW.plusSeconds(1));

        other.forget(MAPPING, Set.of(SHARD));

        one.save(MAPPING, SHARD, settled(7));
        assertThat(other.load(MAPPING).orElseThrow().shards()).containsOnlyKeys(SHARD);
        other.forget(MAPPING, Set.of(SHARD));
        assertThat(one.load(MAPPING).orElseThrow().shards()).isEmpty();
    }

    /** An item that is made again must not begin with the numbers that claims of the one before have. */
    @Test
    void fencesOffWhoHadAShardBeforeItWasForgotten() throws Exception {
        one.create(MAPPING, mapping(Map.of(SHARD, settled(1))), null);
        one.claim(MAPPING, SHARD, NOW);

        other.forget(MAPPING, Set.of(SHARD));
        assertThat(other.claim(MAPPING, SHARD, NOW)).isEmpty();

        assertThatThrownBy(() -> one.save(MAPPING, SHARD, settled(2))).isInstanceOf(LeaseLostException.class);
        other.save(MAPPING, SHARD, settled(3));
    }

    @Test
    void refusesATableOfAnotherProgram() {
        String foreign = "foreign-" + UUID.randomUUID();
        tables.client.createTable(request -> request.tableName(foreign)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(AttributeDefinition.builder()
                        .attributeName("id")
                        .attributeType(ScalarAttributeType.S)
                        .build())
                .keySchema(KeySchemaElement.builder()
                        .attributeName("id")
                        .keyType(KeyType.HASH)
                        .build()));

        assertThatThrownBy(() -> new StoreTable(tables.client, foreign).get(new ItemKey("a", "b")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(foreign)
                .hasMessageContaining("of another program");
    }
}
