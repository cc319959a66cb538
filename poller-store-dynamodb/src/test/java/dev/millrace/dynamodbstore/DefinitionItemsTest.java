package dev.millrace.dynamodbstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.MappingDefinitions.Change;
import dev.millrace.checkpoint.MappingDefinitions.Definition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The definitions that nodes share, on DynamoDB Local. */
class DefinitionItemsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:34:56.789Z");

    private final StoreTables tables = new StoreTables();
    private final DynamoDbCheckpointStore store = tables.open("one");
    private final MappingDefinitions definitions = store.definitions().orElseThrow();

    DefinitionItemsTest() throws Exception {}

    @AfterEach
    void close() {
        store.close();
        tables.close();
    }

    private static Definition definition(int id, String json) {
        return new Definition(new UUID(0, id), json, NOW);
    }

    private static Change added(Definition definition) {
        return new Change(definition, null);
    }

    @Test
    void keepsThemInTheOrderOfTheirIds() throws Exception {
        assertThat(definitions.load()).isEmpty();

        assertThat(definitions.put(List.of(added(definition(2, "{}")), added(definition(1, "{\"BatchSize\": 1}")))))
                .isTrue();

        assertThat(definitions.load()).containsExactly(definition(1, "{\"BatchSize\": 1}"), definition(2, "{}"));
    }

    @Test
    void readsMoreThanOnePage() throws Exception {
        List<Change> many = new ArrayList<>();
        String large = "x".repeat(30_000);
        for (int id = 0; id < 100; id++) {
            many.add(added(definition(id, large)));
        }

        assertThat(definitions.put(many)).isTrue();

        assertThat(definitions.load()).hasSize(100).allMatch(one -> one.json().equals(large));
    }

    @Test
    void writesNothingWhenOneOfThemHasBeenChangedByAnotherOperator() throws Exception {
        Definition first = definition(1, "first");
        assertThat(definitions.put(List.of(added(first)))).isTrue();
        assertThat(definitions.put(List.of(new Change(definition(1, "theirs"), first))))
                .isTrue();

        assertThat(definitions.put(List.of(added(definition(2, "ours")), new Change(definition(1, "ours"), first))))
                .isFalse();
        assertThat(definitions.put(List.of(added(definition(1, "ours"))))).isFalse();

        assertThat(definitions.load()).containsExactly(definition(1, "theirs"));
    }

    @Test
    void writesNothingInPlaceOfOneThatWasDeletedMeanwhile() throws Exception {
        Definition first = definition(1, "first");
        assertThat(definitions.put(List.of(added(first)))).isTrue();
        assertThat(definitions.delete(first.mapping())).isTrue();

        assertThat(definitions.put(List.of(new Change(definition(1, "ours"), first))))
                .isFalse();
        assertThat(definitions.delete(first.mapping())).isFalse();
        assertThat(definitions.load()).isEmpty();
    }

    @Test
    void leavesTheProgressOfMappingsAlone() throws Exception {
        definitions.put(List.of(added(definition(1, "{}"))));

        assertThat(store.load(new UUID(0, 1))).isEmpty();
    }

    /** A node that starts must poll the others. */
    @Test
    void leavesOutWhatIsNoDefinitionAndSaysSoOnce() throws Exception {
        Definition good = definition(1, "{}");
        definitions.put(List.of(added(good)));
        byHand(Map.of("item", AttributeValue.fromS("by hand")));
        byHand(Map.of("item", AttributeValue.fromS(new UUID(0, 2).toString()), "members", AttributeValue.fromS("{}")));

        try (LoggedWarnings warnings = new LoggedWarnings(DefinitionItems.class)) {
            assertThat(definitions.load()).containsExactly(good);
            assertThat(definitions.load()).containsExactly(good);

            assertThat(warnings.lines())
                    .hasSize(2)
                    .allMatch(line -> line.contains(tables.name) && line.contains("delete it"))
                    .anyMatch(line -> line.contains("by hand"))
                    .anyMatch(line -> line.contains(new UUID(0, 2).toString()) && line.contains("changed"));
        }
    }

    private void byHand(Map<String, AttributeValue> attributes) {
        Map<String, AttributeValue> item = new HashMap<>(attributes);
        item.put("partition", AttributeValue.fromS("definitions"));
        tables.client.putItem(request -> request.tableName(tables.name).item(item));
    }
}
