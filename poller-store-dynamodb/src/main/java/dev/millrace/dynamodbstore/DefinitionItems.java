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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The definitions in the table: {@code partition = "definitions"}, {@code item = UUID}. Thread-safe. */
final class DefinitionItems implements MappingDefinitions {

    private static final Logger LOG = LoggerFactory.getLogger(DefinitionItems.class);

    private static final String PARTITION = "definitions";
    private static final String DEFINITION = "members";
    private static final String CHANGED = "changed";

    private final StoreTable table;

    /** Those of the last load that are no definitions. Replaced as a whole; threads that race may tell one twice. */
    private volatile Set<ItemKey> told = Set.of();

    DefinitionItems(StoreTable table) {
        this.table = table;
    }

    private static ItemKey key(UUID mapping) {
        return new ItemKey(PARTITION, mapping.toString());
    }

    /** Leaves out what somebody else has put there: it must not keep a node that starts from polling all the others. */
    @Override
    public List<Definition> load() throws StoreException, InterruptedException {
        List<Definition> definitions = new ArrayList<>();
        Set<ItemKey> leftOut = new HashSet<>();
        for (var item : table.query(PARTITION, "")) {
            try {
                definitions.add(read(item));
            } catch (IllegalArgumentException | DateTimeException e) {
                ItemKey key = ItemKey.of(item);
                leftOut.add(key);
                if (!told.contains(key)) {
                    tell(key, e);
                }
            }
        }
        told = Set.copyOf(leftOut);
        return List.copyOf(definitions);
    }

    private static Definition read(Map<String, AttributeValue> item) {
        return new Definition(
                UUID.fromString(Attributes.text(item, StoreTable.ITEM)),
                Attributes.text(item, DEFINITION),
                Instant.parse(Attributes.text(item, CHANGED)));
    }

    private void tell(ItemKey key, RuntimeException problem) {
        LOG.atWarn()
                .addKeyValue("table", table)
                .addKeyValue("partition", key.partition())
                .addKeyValue("item", key.item())
                .addKeyValue("reason", problem.getMessage())
                .log("what is no definition of a mapping is left out; delete it, and write definitions with"
                        + " `millrace mappings put`");
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
