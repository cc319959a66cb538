package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.ProgressText;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import dev.millrace.invoke.Payload;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Makes and reads the item of one shard: {@code partition = UUID}, {@code item = "shard/GENERATION/SHARD"}. Beside the
 * progress it has the epoch: a number that whoever takes the shard over raises by one, and under which he alone may write
 * from then on. An item may have an epoch and no progress yet.
 */
final class ShardItem {

    static final String EPOCH = "epoch";
    private static final String OWNER = "heldBy";
    private static final String SINCE = "since";

    private static final String START = "start";
    private static final String POSITION = "position";
    private static final String UP_TO = "upTo";
    private static final String AHEAD = "ahead";
    private static final String FINISHED = "finished";
    private static final String WINDOW_START = "windowStart";
    private static final String WINDOW_STATE = "windowState";

    /**
     * Raises the epoch; its values are {@link #claimValues}. The first epoch of an item is the time, since the item of a shard that
     * was forgotten may be made again while somebody still has a claim of the one before.
     */
    static final String CLAIM = "SET " + EPOCH + " = if_not_exists(" + EPOCH + ", :time) + :one, " + OWNER
            + " = :heldBy, " + SINCE + " = :since";

    static Map<String, AttributeValue> claimValues(String owner, Instant since) {
        return Map.of(
                ":time", Attributes.number(ChronoUnit.MICROS.between(Instant.EPOCH, since)),
                ":one", Attributes.number(1),
                ":heldBy", AttributeValue.fromS(owner),
                ":since", AttributeValue.fromS(since.toString()));
    }

    private ShardItem() {}

    static String prefix(String generation) {
        return "shard/" + generation + "/";
    }

    static ItemKey key(MappingItem mapping, String shardId) {
        return new ItemKey(mapping.mapping().toString(), prefix(mapping.generation()) + shardId);
    }

    static String shardId(Map<String, AttributeValue> item) {
        String sortKey = Attributes.text(item, StoreTable.ITEM);
        int generation = sortKey.indexOf('/') + 1;
        return sortKey.substring(sortKey.indexOf('/', generation) + 1);
    }

    /**
     * The item of a shard.
     *
     * @param state where the state of its open window is, as {@link WindowStates} names it; null without one
     * @param claim who writes; null for nobody
     */
    static Map<String, AttributeValue> of(
            ItemKey key, ShardProgress progress, @Nullable String state, @Nullable Claim claim) {
        ShardCheckpoint checkpoint = progress.checkpoint();
        Map<String, AttributeValue> item = new HashMap<>(key.attributes());
        Attributes.putText(item, START, ProgressText.of(progress.start()));
        Attributes.putText(item, POSITION, ProgressText.of(checkpoint.position()));
        Attributes.putText(item, UP_TO, ProgressText.of(checkpoint.upTo()));
        Attributes.putText(item, AHEAD, ProgressText.of(checkpoint.ahead()));
        item.put(FINISHED, AttributeValue.fromBool(progress.finished()));
        WindowProgress window = progress.window();
        if (window != null) {
            Attributes.putText(item, WINDOW_START, window.start().toString());
            Attributes.putText(item, WINDOW_STATE, state);
        }
        if (claim != null) {
            item.put(EPOCH, Attributes.number(claim.epoch()));
            Attributes.putText(item, OWNER, claim.owner());
            Attributes.putText(item, SINCE, claim.since().toString());
        }
        return item;
    }

    /** Whether anything is stored of the shard but who has it. */
    static boolean hasProgress(Map<String, AttributeValue> item) {
        return item.containsKey(START);
    }

    /** Where the state of the open window is; null when none is open. */
    static @Nullable String windowState(Map<String, AttributeValue> item) {
        return Attributes.textOrNull(item, WINDOW_STATE);
    }

    /**
     * The progress.
     *
     * @param state of the open window; null when none is open
     */
    static ShardProgress progress(Map<String, AttributeValue> item, @Nullable Payload state) {
        return new ShardProgress(
                ProgressText.position(Attributes.text(item, START)),
                new ShardCheckpoint(
                        ProgressText.number(Attributes.textOrNull(item, POSITION)),
                        ProgressText.time(Attributes.textOrNull(item, UP_TO)),
                        ProgressText.aheads(Attributes.textOrNull(item, AHEAD))),
                state == null ? null : new WindowProgress(Instant.parse(Attributes.text(item, WINDOW_START)), state),
                Boolean.TRUE.equals(item.getOrDefault(FINISHED, AttributeValue.fromBool(false))
                        .bool()));
    }

    /** Holds while nobody has taken the shard over. */
    static Condition isClaimed(Claim claim) {
        return Condition.has(Map.of(EPOCH, Attributes.number(claim.epoch())));
    }
}
