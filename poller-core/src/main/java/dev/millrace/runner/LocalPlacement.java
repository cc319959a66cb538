package dev.millrace.runner;

import dev.millrace.coordination.Placement;
import dev.millrace.coordination.ShardRun;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** There is one node, and every shard is its own. */
public final class LocalPlacement implements Placement {

    private final Set<String> given = ConcurrentHashMap.newKeySet();
    private @Nullable Assignments assignments;
    private volatile boolean stopped;

    /** Finds shards that nobody named; the end of a shard asks for a look by itself. */
    @Override
    public Duration lookEvery() {
        return Duration.ofMinutes(1);
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public void begin(Instant created, Assignments to) {
        assignments = to;
    }

    @Override
    public void offer(Collection<StreamShard> ready) {
        Assignments to = assignments;
        if (to != null && !stopped) {
            for (StreamShard shard : ready) {
                // What was given and has not begun yet is offered again.
                if (given.add(shard.shardId())) {
                    to.assign(new Everything(shard.shardId(), given));
                }
            }
        }
    }

    @Override
    public void replaced() {}

    @Override
    public void forget(Set<String> shardIds) {}

    @Override
    public Map<String, Owner> owners() {
        return Map.of();
    }

    @Override
    public void stop(Instant deadline) {
        stopped = true;
    }

    @Override
    public boolean awaitEnd(Duration time) {
        return true;
    }

    @Override
    public void close() {}

    /** Nobody can take it away. */
    private record Everything(String shardId, Set<String> given) implements Hold {

        @Override
        public boolean stands() {
            return true;
        }

        @Override
        public boolean isCertain() {
            return true;
        }

        @Override
        public void awaitCertainty() {}

        @Override
        public void runs(ShardRun run) {}

        @Override
        public void finished() {}

        @Override
        public void ended() {
            given.remove(shardId);
        }
    }
}
