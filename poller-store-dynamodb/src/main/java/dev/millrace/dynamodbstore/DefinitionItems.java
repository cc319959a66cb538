package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.dynamodbstore.StoreTable.ConditionalPut;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The definitions in the table: {@code partition = "definitions"}, {@code item = UUID}. Thread-safe. */
final class DefinitionItems implements MappingDefinitions {

    private static final String PARTITION = "definitions";
    private static final String DEFINITION = "members";
    private static final String CHANGED = "changed";

    private final StoreTable table;

    DefinitionItems(StoreTable table) {
        this.table = table;
    }

    private static ItemKey key(UUID mapping) {
        return new ItemKey(PARTITION, mapping.toString());
    }

    @Override
    public List<Definition> load() throws StoreException, InterruptedException {
        List<Definition> definitions = new ArrayList<>();
        for (var item : table.query(PARTITION, "")) {
            definitions.add(read(item));
        }
        return List.copyOf(definitions);
    }

    private Definition read(Map<String, AttributeValue> item) throws StoreException {
        try {
            return new Definition(
                    UUID.fromString(Attributes.text(item, StoreTable.ITEM)),
                    Attributes.text(item, DEFINITION),
                    Instant.parse(Attributes.text(item, CHANGED)));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new StoreException(
                    "the table " + table + " holds what is no definition of a mapping at " + ItemKey.of(item) + " ("
                            + e.getMessage() + "). Delete this item; write definitions with `millrace mappings put`",
                    e);
        }
    }

    @Override
    public boolean put(Collection<Change> changes) throws StoreException, InterruptedException {
        if (changes.size() > MOST_CHANGES) {
            throw new IllegalArgumentException(changes.size() + " changes at once");
        }
        return changes.isEmpty()
                || table.putTogether(changes.stream()
                        .map(change -> new ConditionalPut(attributes(change.definition()), isStill(change.before())))
                        .toList());
    }

    private static Map<String, AttributeValue> attributes(Definition definition) {
        Map<String, AttributeValue> item =
                new HashMap<>(key(definition.mapping()).attributes());
        Attributes.putText(item, DEFINITION, definition.json());
        Attributes.putText(item, CHANGED, definition.changed().toString());
        return item;
    }

    /** Compares what was read, not a version: one that was deleted and written anew is then another one, too. */
    private static Condition isStill(@Nullable Definition before) {
        return before == null
                ? Condition.isAbsent(DEFINITION)
                : Condition.has(Map.of(
                        DEFINITION,
                        AttributeValue.fromS(before.json()),
                        CHANGED,
                        AttributeValue.fromS(before.changed().toString())));
    }

    @Override
    public boolean delete(UUID mapping) throws StoreException, InterruptedException {
        return table.delete(key(mapping));
    }
}
