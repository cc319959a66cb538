package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import dev.millrace.invoke.Payload;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The checkpoints of all nodes in one DynamoDB table. Whoever takes a shard over ({@link #claim}) fences off whoever had it
 * before: saves are conditional on the epoch that the claim raised.
 *
 * <p>A mapping is created by writing its shards' items under the name of a new generation and then its own item, if that is
 * still as it was before; so it is there as a whole or not at all, and of several nodes that create it at once one wins.
 */
public final class DynamoDbCheckpointStore implements CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(DynamoDbCheckpointStore.class);

    /** A reading that meets a write of the same thing again and again; a write takes milliseconds, so that this is never. */
    private static final int MOST_READINGS = 20;

    /** Of the state of a window that was open when the mapping was created; a claim's places are others. */
    private static final String FIRST_PLACE = "0";

    private final Runnable whenClosed;
    private final StoreTable table;
    private final WindowStates windows;
    private final AuditItems audit;
    private final String owner;
    private final InstantSource clock;
    /** Of shards that are not forgotten. */
    private final Map<ShardOf, Claim> claims = new ConcurrentHashMap<>();

    /** As this node has loaded or created them last, of all that it has polled. */
    private final Map<UUID, MappingItem> known = new ConcurrentHashMap<>();

    private record ShardOf(UUID mapping, String shardId) {}

    /**
     * A store that makes its table at the first call if it is not there.
     *
     * @param whenClosed closes the client
     * @param owner how this node is called, for people
     */
    DynamoDbCheckpointStore(
            DynamoDbClient client, Runnable whenClosed, String tableName, String owner, InstantSource clock) {
        this.whenClosed = whenClosed;
        this.table = new StoreTable(client, tableName);
        this.windows = new WindowStates(table);
        this.audit = new AuditItems(table, clock);
        this.owner = owner;
        this.clock = clock;
    }

    // ---- mappings ----

    @Override
    public Optional<MappingProgress> load(UUID mapping) throws StoreException, InterruptedException {
        for (int readings = 0; readings < MOST_READINGS; readings++) {
            Optional<MappingItem> before = mappingItem(mapping);
            if (before.isEmpty()) {
                return Optional.empty();
            }
            Map<String, ShardProgress> shards = shards(before.get());
            if (mappingItem(mapping).equals(before)) {
                known.put(mapping, before.get());
                return Optional.of(before.get().progress(shards));
            }
        }
        throw new StoreException(
                "mapping " + mapping + " is created anew faster than it can be read from the table " + table);
    }

    private Optional<MappingItem> mappingItem(UUID mapping) throws StoreException, InterruptedException {
        return readable("mapping " + mapping, table.get(MappingItem.key(mapping)), MappingItem::read);
    }

    private Map<String, ShardProgress> shards(MappingItem mapping) throws StoreException, InterruptedException {
        Map<String, ShardProgress> shards = new HashMap<>();
        for (var item : table.query(mapping.mapping().toString(), ShardItem.prefix(mapping.generation()))) {
            String shardId = ShardItem.shardId(item);
            stored(mapping, shardId, item).ifPresent(progress -> shards.put(shardId, progress));
        }
        return shards;
    }

    /**
     * What is stored of a shard; empty when that is nothing. A busy window's state is replaced every second: where that happens
     * between two calls, this shard alone is read anew, so that no number of shards is too many.
     */
    private Optional<ShardProgress> stored(MappingItem mapping, String shardId, Map<String, AttributeValue> listed)
            throws StoreException, InterruptedException {
        var item = Optional.of(listed);
        for (int readings = 0; readings < MOST_READINGS; readings++) {
            if (item.filter(ShardItem::hasProgress).isEmpty()) {
                return Optional.empty();
            }
            Optional<ShardProgress> progress = progress(mapping, shardId, item.get());
            if (progress.isPresent()) {
                return progress;
            }
            item = table.get(ShardItem.key(mapping, shardId));
        }
        throw noState(mapping.mapping(), shardId);
    }

    /** A shard's progress; empty when its window's state has been replaced meanwhile. */
    private Optional<ShardProgress> progress(MappingItem mapping, String shardId, Map<String, AttributeValue> item)
            throws StoreException, InterruptedException {
        String place = ShardItem.windowState(item);
        Optional<Payload> state = place == null ? Optional.empty() : windows.get(mapping, shardId, place);
        if (place != null && state.isEmpty()) {
            return Optional.empty();
        }
        return readable("shard " + shardId, Optional.of(item), it -> ShardItem.progress(it, state.orElse(null)));
    }

    @Override
    public boolean create(UUID mapping, MappingProgress progress, @Nullable MappingProgress before)
            throws StoreException, InterruptedException {
        Optional<MappingItem> stored = mappingItem(mapping);
        MappingProgress now = stored.map(item -> item.progress(Map.of())).orElse(null);
        if (!MappingProgress.areSame(before, now)) {
            return false;
        }
        MappingItem fresh = MappingItem.of(mapping, UUID.randomUUID().toString(), progress);
        putShards(fresh, progress.shards());
        Condition condition = stored.map(MappingItem::isStored).orElseGet(MappingItem::isNotStored);
        boolean created = table.put(fresh.attributes(), condition);
        deleteGeneration(created ? stored.orElse(null) : fresh);
        if (created) {
            known.put(mapping, fresh);
            claims.keySet().removeIf(shard -> shard.mapping().equals(mapping));
        }
        return created;
    }

    /** Writes the shards of a generation that nobody reads yet. */
    private void putShards(MappingItem mapping, Map<String, ShardProgress> shards)
            throws StoreException, InterruptedException {
        List<Map<String, AttributeValue>> items = new ArrayList<>();
        for (var shard : shards.entrySet()) {
            WindowProgress window = shard.getValue().window();
            if (window != null) {
                windows.put(mapping, shard.getKey(), FIRST_PLACE, window.state());
            }
            String place = window == null ? null : FIRST_PLACE;
            items.add(ShardItem.of(ShardItem.key(mapping, shard.getKey()), shard.getValue(), place, null));
        }
        table.putAll(items);
    }

    /** Nobody can reach its items any more, so that what stays here after a failure costs a little space and no more. */
    private void deleteGeneration(@Nullable MappingItem mapping) throws InterruptedException {
        if (mapping == null) {
            return;
        }
        String partition = mapping.mapping().toString();
        try {
            table.deleteAll(partition, ShardItem.prefix(mapping.generation()));
            table.deleteAll(partition, WindowStates.prefix(mapping.generation()));
        } catch (StoreException e) {
            LOG.atDebug().addKeyValue("mapping", partition).setCause(e).log("old items stay in the store's table");
        }
    }

    // ---- shards ----

    @Override
    public Optional<ShardProgress> claim(UUID mapping, String shardId, Instant created)
            throws StoreException, InterruptedException {
        for (int readings = 0; readings < MOST_READINGS; readings++) {
            MappingItem stored = mappingItem(mapping).orElseThrow(() -> notStored(mapping, shardId));
            if (!stored.created().equals(created)) {
                throw new StoreException("mapping " + mapping + " has been created anew by another node, so shard "
                        + shardId + " is not begun; what is stored now is loaded next");
            }
            Instant since = clock.instant();
            var item =
                    table.update(ShardItem.key(stored, shardId), ShardItem.CLAIM, ShardItem.claimValues(owner, since));
            Claim claim = new Claim(stored, Attributes.number(item, ShardItem.EPOCH), owner, since);
            claims.put(new ShardOf(mapping, shardId), claim);
            if (!ShardItem.hasProgress(item)) {
                return Optional.empty();
            }
            Optional<ShardProgress> progress = progress(stored, shardId, item);
            if (progress.isPresent()) {
                WindowProgress window = progress.get().window();
                claim.stored(window == null ? null : window.state(), ShardItem.windowState(item));
                return progress;
            }
        }
        throw noState(mapping, shardId);
    }

    private StoreException noState(UUID mapping, String shardId) {
        return new StoreException("the table " + table + " has no state of the open window of shard " + shardId
                + ", mapping " + mapping + ". Somebody else has changed the table");
    }

    @Override
    public void save(UUID mapping, String shardId, ShardProgress progress)
            throws StoreException, LeaseLostException, InterruptedException {
        Claim claim = claims.get(new ShardOf(mapping, shardId));
        if (claim == null) {
            throw new IllegalStateException(
                    "shard " + shardId + " of mapping " + mapping + " is not claimed, so it cannot be stored");
        }
        WindowProgress window = progress.window();
        Payload state = window == null ? null : window.state();
        String before = claim.place();
        String place = state == null ? null : place(claim, shardId, state);
        ItemKey key = ShardItem.key(claim.mapping(), shardId);
        if (!table.put(ShardItem.of(key, progress, place, claim), ShardItem.isClaimed(claim))) {
            if (place != null && !place.equals(before)) {
                deleteState(claim.mapping(), shardId, place);
            }
            // The claim stays, so that whoever tries again is refused again.
            throw new LeaseLostException("shard " + shardId + " of mapping " + mapping
                    + " is processed by another node since; what this node had not stored is processed again there");
        }
        claim.stored(state, place);
        if (before != null && !before.equals(place)) {
            deleteState(claim.mapping(), shardId, before);
        }
    }

    /** Where a window's state is: where this very one is stored already, or where it is written here. */
    private @Nullable String place(Claim claim, String shardId, Payload state)
            throws StoreException, InterruptedException {
        if (claim.hasStored(state)) {
            return claim.place();
        }
        String place = claim.newPlace();
        windows.put(claim.mapping(), shardId, place, state);
        return place;
    }

    /** Nobody points to it any more; the shard's end deletes what stays. */
    private void deleteState(MappingItem mapping, String shardId, String place) throws InterruptedException {
        try {
            windows.delete(mapping, shardId, place);
        } catch (StoreException e) {
            LOG.atDebug()
                    .addKeyValue("shard", shardId)
                    .setCause(e)
                    .log("a window's state that nobody points to stays in the table");
        }
    }

    private static IllegalStateException notStored(UUID mapping, String shardId) {
        return new IllegalStateException(
                "mapping " + mapping + " is not stored, so its shard " + shardId + " cannot be: it was never created");
    }

    /** Of the generation that the caller has loaded: shards of one that another node has created since may have the same ids. */
    @Override
    public void forget(UUID mapping, Set<String> shardIds) throws StoreException, InterruptedException {
        MappingItem loaded = known.get(mapping);
        Optional<MappingItem> meant = loaded == null ? mappingItem(mapping) : Optional.of(loaded);
        if (meant.isPresent()) {
            forget(meant.get(), shardIds);
        }
    }

    private void forget(MappingItem meant, Set<String> shardIds) throws StoreException, InterruptedException {
        // Items first: one that points to a state that is gone keeps the mapping from being loaded.
        table.deleteAll(
                shardIds.stream().map(shardId -> ShardItem.key(meant, shardId)).toList());
        for (String shardId : shardIds) {
            try {
                windows.deleteAll(meant, shardId);
            } catch (StoreException e) {
                // Nobody points to them any more.
                LOG.atDebug().addKeyValue("shard", shardId).setCause(e).log("states of old windows stay in the table");
            }
            claims.computeIfPresent(
                    new ShardOf(meant.mapping(), shardId),
                    (_, claim) -> claim.mapping().equals(meant) ? null : claim);
        }
    }

    // ---- audit ----

    @Override
    public void audit(AuditEntry entry) throws StoreException, InterruptedException {
        audit.add(entry);
    }

    @Override
    public Optional<MappingDefinitions> definitions() {
        return Optional.of(new DefinitionItems(table));
    }

    // ---- reading ----

    /** What somebody else has put into the table fails this call only. */
    private <T> Optional<T> readable(
            String what, Optional<Map<String, AttributeValue>> item, Function<Map<String, AttributeValue>, T> reading)
            throws StoreException {
        if (item.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(reading.apply(item.get()));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new StoreException(
                    "the table " + table + " holds what is no " + what + " at " + ItemKey.of(item.get()) + " ("
                            + e.getMessage() + "). Delete this item, or name another table in Store.Table",
                    e);
        }
    }

    @Override
    public void close() {
        table.close();
        whenClosed.run();
    }
}
