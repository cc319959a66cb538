package dev.millrace.runner;

import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Placement;
import dev.millrace.coordination.ShardRun;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One node's part of many: has the shards that the test assigns, again and again until they are finished. */
final class TestPlacement implements Placement {

    private final Duration look;
    /** One for each time that it was begun. */
    final BlockingQueue<Assignments> begun = new LinkedBlockingQueue<>();
    /** Whether leases are this node's for certain. */
    volatile boolean certain = true;
    /** One for each time that was asked while they were not. */
    final Semaphore asked = new Semaphore(0);
    /** How long a hold takes to hear that its shard runs. */
    volatile Duration hearsFor = Duration.ZERO;
    /** One for each time that a hold heard that its shard runs: whether it was asked anything meanwhile, while leases are not certain. */
    final BlockingQueue<Boolean> askedTooEarly = new LinkedBlockingQueue<>();
    /** Calls that are interrupted although nobody stops anything. */
    final AtomicInteger interrupted = new AtomicInteger();
    /** Whether leases can be deleted. */
    volatile boolean forgets = true;
    /** Shards that were not wanted. */
    final BlockingQueue<String> unwanted = new LinkedBlockingQueue<>();

    TestPlacement(Duration look) {
        this.look = look;
    }

    void assign(String shardId, Assignments to) {
        to.assign(new Lease(shardId, to));
    }

    private final class Lease implements Hold {

        private final String shardId;
        private final Assignments to;
        private volatile @Nullable ShardRun run;
        private volatile boolean finished;

        private Lease(String shardId, Assignments to) {
            this.shardId = shardId;
            this.to = to;
        }

        @Override
        public String shardId() {
            return shardId;
        }

        @Override
        public boolean stands() {
            return true;
        }

        @Override
        public boolean isCertain() {
            if (!certain) {
                asked.release();
            }
            return certain;
        }

        @Override
        public void awaitCertainty() throws InterruptedException {
            if (!certain) {
                new CountDownLatch(1).await();
            }
        }

        @Override
        public void runs(ShardRun began) {
            try {
                askedTooEarly.add(asked.tryAcquire(hearsFor.toNanos(), TimeUnit.NANOSECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            run = began;
        }

        @Override
        public void finished() {
            finished = true;
        }

        @Override
        public void ended() {
            boolean again = run != null;
            run = null;
            if (again && !finished) {
                to.assign(this);
            } else if (!again) {
                unwanted.add(shardId);
            }
        }
    }

    @Override
    public Duration lookEvery() {
        return look;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void begin(Instant created, Assignments assignments) {
        begun.add(assignments);
    }

    @Override
    public void offer(Collection<StreamShard> ready) throws InterruptedException {
        if (interrupted.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new InterruptedException("of another thread");
        }
    }

    @Override
    public void replaced() {}

    @Override
    public void forget(Set<String> shardIds) throws StoreException {
        if (!forgets) {
            throw new StoreException("no lease can be deleted");
        }
    }

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
