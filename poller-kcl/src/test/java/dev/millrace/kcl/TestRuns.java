package dev.millrace.kcl;

import dev.millrace.coordination.Placement.Assignments;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** Shards that do nothing but run, until they are told otherwise. Thread-safe. */
final class TestRuns implements Assignments {

    /** Asked of memory alone. */
    private static final Duration ANSWERS_WITHIN = Duration.ofMillis(20);

    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final List<String> assigned = new CopyOnWriteArrayList<>();

    @Override
    public void assign(Hold hold) {
        Run run = new Run(hold);
        runs.put(hold.shardId(), run);
        assigned.add(hold.shardId());
        hold.runs(run);
    }

    Set<String> running() {
        return runs.keySet();
    }

    /** Every shard that was assigned, as often as it was. */
    List<String> assigned() {
        return assigned;
    }

    boolean stands(String shardId) {
        Run run = runs.get(shardId);
        return run != null && run.hold.stands();
    }

    /** Whether an invocation of the shard would begin at once; false when it does not run. */
    boolean isCertain(String shardId) {
        Run run = runs.get(shardId);
        if (run == null) {
            return false;
        }
        Thread asking = Thread.startVirtualThread(() -> {
            try {
                run.hold.awaitCertainty();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return asking.join(ANSWERS_WITHIN);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            asking.interrupt();
        }
    }

    /** All of the shard is settled and stored. */
    void finish(String shardId) {
        Run run = running(shardId);
        run.hold.finished();
        run.end();
    }

    /** The shard ends before all of it is settled. */
    void end(String shardId) {
        running(shardId).end();
    }

    private Run running(String shardId) {
        return Objects.requireNonNull(runs.get(shardId), "the shard runs");
    }

    /** All that run are told to stop, as a coordinator does. */
    void stop() {
        runs.values().forEach(run -> run.stop(Instant.now()));
    }

    private final class Run implements ShardRun {

        private final Hold hold;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Run(Hold hold) {
            this.hold = hold;
        }

        /** Once, whoever asks. */
        private void end() {
            if (!ended.getAndSet(true)) {
                runs.remove(hold.shardId(), this);
                hold.ended();
            }
        }

        @Override
        public void stop(Instant deadline) {
            Thread.startVirtualThread(this::end);
        }

        @Override
        public void leaseLost() {
            Thread.startVirtualThread(this::end);
        }

        @Override
        public void shardGone() {}

        @Override
        public boolean awaitEnd(Duration time) {
            return true;
        }
    }
}
