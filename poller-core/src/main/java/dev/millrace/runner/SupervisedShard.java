package dev.millrace.runner;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.ShardRun;
import dev.millrace.invoke.Backoff;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardMachine;
import dev.millrace.stream.ShardPolicy;
import dev.millrace.stream.ShardSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One shard while it is processed: owns the runner's thread and replaces a runner that died of a defect by one that begins
 * at what is stored.
 */
final class SupervisedShard implements ShardRun {

    private static final Backoff LOAD_AGAIN = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    /** While it is not certain that the shard is this node's. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    /** A loop that has not turned for this long hangs; well above the runner's longest rest. */
    private static final Duration STALLED = Duration.ofSeconds(30);

    private final StreamParts parts;
    private final ShardPolicy policy;
    private final ShardLease lease;
    private final Supplier<ShardEvent> conditions;
    private final Consumer<SupervisedShard> onEnd;
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile @Nullable ShardRunner runner;
    /** What every runner is told when it begins: to stop, or that the lease is lost. */
    private volatile @Nullable ShardEvent lastWord;

    private volatile @Nullable Thread thread;

    /**
     * @param conditions makes the newest {@link ShardEvent.ConditionsChanged}
     * @param onEnd called once, when nothing runs any more
     */
    SupervisedShard(
            StreamParts parts,
            ShardPolicy policy,
            ShardLease lease,
            Supplier<ShardEvent> conditions,
            Consumer<SupervisedShard> onEnd) {
        this.parts = parts;
        this.policy = policy;
        this.lease = lease;
        this.conditions = conditions;
        this.onEnd = onEnd;
    }

    String shardId() {
        return lease.shardId();
    }

    void start() {
        // Before it can end: a hold of which nothing has run when it ends counts as not wanted here.
        lease.runs(this);
        thread = Thread.ofVirtual()
                .name("shard/" + parts.mapping().uuid() + "/" + shardId())
                .start(this::supervise);
    }

    private void supervise() {
        Crashes crashes = new Crashes();
        ShardCommand.End end = ShardCommand.End.STOPPED;
        try {
            while (true) {
                Instant began = parts.clock().instant();
                try {
                    Optional<ShardProgress> from = load();
                    if (from.isPresent()) {
                        end = newRunner(from.get()).run();
                    }
                    return;
                } catch (RuntimeException | Error defect) {
                    runner = null;
                    Duration pause = crashes.pause(began, parts.clock().instant());
                    parts.observer().crashed(shardId(), defect, pause);
                    if (stopAsked.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            // Interrupted means stop, and nothing is left to do.
            Thread.currentThread().interrupt();
        } finally {
            tellEnded(end);
        }
    }

    /** Whatever fails of it, the lease is told: it would be kept with nothing that runs. */
    private void tellEnded(ShardCommand.End end) {
        try {
            parts.observer().shardEnded(shardId(), end);
        } finally {
            runner = null;
            try {
                onEnd.accept(this);
            } finally {
                ended.countDown();
                lease.ended();
            }
        }
    }

    /** Where to begin; empty when the shard was stopped before the store could say. */
    private Optional<ShardProgress> load() throws InterruptedException {
        int failures = 0;
        while (stopAsked.getCount() > 0) {
            if (!lease.isCertain()) {
                // This node was frozen, or has just got the lease: whose it is will be known soon.
                boolean _ = stopAsked.await(LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS);
                continue;
            }
            try {
                return Optional.of(lease.load());
            } catch (StoreException | IllegalStateException e) {
                // The latter where somebody has deleted the mapping from the store.
                Duration pause = LOAD_AGAIN.pause(++failures, ThreadLocalRandom.current());
                parts.observer().storeTrouble(String.valueOf(e.getMessage()), pause);
                if (stopAsked.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    break;
                }
            }
        }
        return Optional.empty();
    }

    private ShardRunner newRunner(ShardProgress from) {
        parts.observer().shardStarted(shardId(), from);
        ShardMachine machine = new ShardMachine(
                shardId(),
                policy,
                from,
                ThreadLocalRandom.current(),
                parts.clock().instant());
        ShardRunner fresh =
                new ShardRunner(parts, lease, machine, parts.source().open(shardId()));
        // Before it is told the conditions: what changes from here on reaches it.
        runner = fresh;
        fresh.post(conditions);
        ShardEvent word = lastWord;
        if (word != null) {
            fresh.post(() -> word);
        }
        return fresh;
    }

    @Override
    public void stop(Instant deadline) {
        say(new ShardEvent.StopRequested(deadline));
    }

    @Override
    public void leaseLost() {
        say(new ShardEvent.LeaseLost());
    }

    private synchronized void say(ShardEvent word) {
        // A stop that comes after it must not make a new runner invoke.
        if (!(lastWord instanceof ShardEvent.LeaseLost)) {
            lastWord = word;
        }
        stopAsked.countDown();
        post(() -> word);
    }

    @Override
    public void shardGone() {
        post(ShardEvent.ShardGone::new);
    }

    /** Tells the runner, if there is one at this moment, what holds for all shards. */
    void conditionsChanged() {
        post(conditions);
    }

    private void post(Supplier<ShardEvent> event) {
        ShardRunner current = runner;
        if (current != null) {
            current.post(event);
        }
    }

    @Override
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
    }

    /** Ends the shard at once. What it held is processed again. */
    void kill() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Asks for a new snapshot; {@code done} is called when it is there, unless the runner ends or dies before. */
    void refresh(Runnable done) {
        ShardRunner current = runner;
        if (current == null) {
            done.run();
        } else {
            current.refresh(done);
        }
    }

    /** The newest snapshot that was asked for; empty before the shard has started and while it waits to start again. */
    Optional<ShardSnapshot> snapshot() {
        return Optional.ofNullable(runner).map(ShardRunner::snapshot);
    }

    /** Whether the loop really turns, or has ended as asked. */
    boolean alive() {
        ShardRunner current = runner;
        if (current == null) {
            return true;
        }
        Instant last = current.lastTurn();
        return last.equals(Instant.MAX)
                || Duration.between(last, parts.clock().instant()).compareTo(STALLED) < 0;
    }
}
