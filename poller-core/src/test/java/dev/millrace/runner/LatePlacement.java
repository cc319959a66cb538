package dev.millrace.runner;

import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Placement;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** One node whose table is not there when it begins first. */
final class LatePlacement implements Placement {

    private final LocalPlacement local = new LocalPlacement();
    private boolean asked;

    @Override
    public Duration lookEvery() {
        return local.lookEvery();
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public void begin(Instant created, Assignments assignments) throws StoreException {
        if (!asked) {
            asked = true;
            throw new StoreException("no table yet");
        }
        local.begin(created, assignments);
    }

    @Override
    public void offer(Collection<StreamShard> ready) {
        local.offer(ready);
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
    public void stop(Instant deadline) {}

    @Override
    public boolean awaitEnd(Duration time) {
        return true;
    }

    @Override
    public void close() {}
}
