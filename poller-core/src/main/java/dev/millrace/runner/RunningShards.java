package dev.millrace.runner;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The shards of a mapping that run on this node, each once at a time. Owned by the coordinator's thread; others may stop and
 * await them.
 */
final class RunningShards {

    private final ShardLease.Terms terms;
    private final InstantSource clock;
    private final Map<String, ShardRun> running = new ConcurrentHashMap<>();
    /** Shards that are this node's again while what ran of them before has not ended. */
    private final Map<String, Hold> held = new HashMap<>();
    /** Where shards begin that may and do not run here. */
    private final Map<String, ShardProgress> starts = new HashMap<>();

    RunningShards(ShardLease.Terms terms, InstantSource clock) {
        this.terms = terms;
        this.clock = clock;
    }

    /** Their ids, as they are when asked. */
    Set<String> ids() {
        return Collections.unmodifiableSet(running.keySet());
    }

    boolean areNone() {
        return running.isEmpty();
    }

    // ---- beginning ----

    /** These may begin and no others. What was said of one first stays: its parents, which tell it, may be forgotten by now. */
    void mayBegin(Map<String, ShardProgress> at) {
        starts.keySet().retainAll(at.keySet());
        at.forEach(starts::putIfAbsent);
    }

    /** Whether it is known where the shard begins, or has begun. */
    boolean knowsStart(String shardId) {
        return starts.containsKey(shardId) || running.containsKey(shardId);
    }

    /**
     * Begins a shard, or leaves that for when what runs of it has ended.
     *
     * @param created when the mapping was created
     * @return whether it has begun
     */
    boolean begin(Hold hold, Instant created, ShardHost host) {
        String shardId = hold.shardId();
        if (running.containsKey(shardId)) {
            // It was taken away and came back before what ran had ended.
            Optional.ofNullable(held.put(shardId, hold)).ifPresent(Hold::ended);
            return false;
        }
        running.put(shardId, host.begin(new ShardLease(hold, terms, created, starts.remove(shardId))));
        return true;
    }

    /** Nothing of the shard runs any more; answers by what it is to begin again. */
    Optional<Hold> ended(String shardId) {
        running.remove(shardId);
        return Optional.ofNullable(held.remove(shardId));
    }

    // ---- ending ----

    /** The source does not list these any more. */
    void areGone(Set<String> shardIds) {
        for (String shardId : shardIds) {
            Optional.ofNullable(running.get(shardId)).ifPresent(ShardRun::shardGone);
        }
    }

    /** Another stream is read next: nothing of this one begins any more. */
    void leave() {
        starts.clear();
        held.values().forEach(Hold::ended);
        held.clear();
    }

    /** Lets what is in flight finish until the deadline. Called from any thread; returns at once. */
    void stop(Instant deadline) {
        running.values().forEach(run -> run.stop(deadline));
    }

    /** Waits until nothing runs any more; false when it still did by then. Called from any thread, when nothing begins any more. */
    boolean awaitEnd(Instant until) throws InterruptedException {
        for (ShardRun run : running.values()) {
            if (!run.awaitEnd(Duration.between(clock.instant(), until))) {
                return false;
            }
        }
        return true;
    }
}
