package dev.millrace.kcl;

import dev.millrace.coordination.Placement.Assignments;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.retrieval.RecordsPublisher;

/**
 * One lease while this node holds it: to the library it is who processes the shard's records, to the coordinator the right to run
 * the shard. Called from the library's threads and the shard's.
 */
final class HeldLease implements ShardRecordProcessor, Hold {

    /** Beyond the time to let go, for storing what was finished in it: more than the shard's own grace. */
    static final Duration TO_STORE = Duration.ofSeconds(3);

    /** While it is not certain that the lease is this node's still. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private static final Logger LOG = LoggerFactory.getLogger(HeldLease.class);

    private final String shardId;
    private final Assignments assignments;
    private final Terms terms;
    private final Instant since;
    private final Renewals.Tenure tenure;
    private final EmptyInputs inputs = new EmptyInputs(this::released);
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Whether it was told that nothing is invoked; all lanes of the shard wait. */
    private final AtomicBoolean doubted = new AtomicBoolean();

    // Guarded by this.
    private @Nullable ShardRun run;
    private boolean lost;
    private boolean finished;
    private @Nullable Instant stopBy;

    /**
     * What holds for all leases of a mapping.
     *
     * @param table of the leases
     * @param failover other nodes may take a lease that was not renewed for this long
     * @param handOver how long a shard may take to let go when another node is to have it
     * @param whenEnded told when nothing of a lease runs any more
     */
    record Terms(
            String table,
            Duration failover,
            Duration handOver,
            Renewals renewals,
            InstantSource clock,
            Consumer<HeldLease> whenEnded) {}

    /** A lease that this node has just got. */
    HeldLease(String shardId, Assignments assignments, Terms terms) {
        this.shardId = shardId;
        this.assignments = assignments;
        this.terms = terms;
        this.since = terms.clock().instant();
        this.tenure = terms.renewals().begin(terms.table(), shardId);
    }

    // ---- the library's processor ----

    @Override
    public void initialize(InitializationInput input) {
        assignments.assign(this);
    }

    @Override
    public void processRecords(ProcessRecordsInput input) {}

    @Override
    public void leaseLost(LeaseLostInput input) {
        lose();
    }

    /** Also when the library ends for another reason: whoever gets the lease next starts anew. */
    synchronized void lose() {
        lost = true;
        if (run != null && !finished) {
            run.leaseLost();
        }
    }

    @Override
    public void shardEnded(ShardEndedInput input) {
        try {
            input.checkpointer().checkpoint();
        } catch (ShutdownException _) {
            about(LOG.atDebug()).log("the lease was lost before its end was stored; its next holder stores it");
        } catch (InvalidStateException e) {
            throw new IllegalStateException("the end of " + shardId + " cannot be stored in the lease table", e);
        }
    }

    /** The daemon stops, or another node is to have the shard: it gets the lease when this returns. */
    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {
        stop(terms.clock().instant().plus(terms.handOver()));
        try {
            if (!ended.await(terms.handOver().plus(TO_STORE).toNanos(), TimeUnit.NANOSECONDS)) {
                about(LOG.atWarn())
                        .addKeyValue("seconds", terms.handOver().toSeconds())
                        .log("the shard did not let go in time; what it had not stored is processed again");
                lose();
            }
        } catch (InterruptedException e) {
            lose();
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the shard go as it ends. The daemon's stop is told again by the library, later: the earliest deadline holds. */
    synchronized void stop(Instant deadline) {
        Instant by = stopBy == null || deadline.isBefore(stopBy) ? deadline : stopBy;
        stopBy = by;
        if (run != null) {
            run.stop(by);
        } else {
            ended.countDown();
        }
    }

    private LoggingEventBuilder about(LoggingEventBuilder line) {
        return line.addKeyValue("shard", shardId).addKeyValue("table", terms.table());
    }

    // ---- the coordinator's hold ----

    @Override
    public String shardId() {
        return shardId;
    }

    @Override
    public synchronized boolean stands() {
        return !lost && stopBy == null;
    }

    @Override
    public boolean isCertain() {
        return isFinished() || (tenure.wasRenewedWithin(terms.failover()) && !isLost());
    }

    @Override
    public void awaitCertainty() throws InterruptedException {
        long began = System.nanoTime();
        while (!isCertain()) {
            // Not at once: a lease that this node has just got is being renewed, and a renewal whose answer was lost is
            // made up for at the library's next turn.
            if (System.nanoTime() - began >= terms.failover().toNanos() && !doubted.getAndSet(true)) {
                about(LOG.atWarn())
                        .addKeyValue("seconds", terms.failover().toSeconds())
                        .log("the lease was not renewed in time, since this process was frozen or the table is out of"
                                + " reach; nothing is invoked until it is renewed or lost");
            }
            TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
        }
        doubted.set(false);
    }

    /** Then nobody else processes the shard, and the library renews its lease no more. */
    private synchronized boolean isFinished() {
        return finished;
    }

    private synchronized boolean isLost() {
        return lost;
    }

    @Override
    public synchronized void runs(ShardRun began) {
        run = began;
        if (lost) {
            began.leaseLost();
        } else if (stopBy != null) {
            began.stop(stopBy);
        }
    }

    @Override
    public synchronized void finished() {
        finished = true;
        inputs.end();
    }

    @Override
    public void ended() {
        boolean again;
        synchronized (this) {
            // Where this node has got the lease anew, the newer holder is to have the shard.
            again = run != null && !lost && !finished && stopBy == null && tenure.isLast();
            run = null;
        }
        if (again) {
            // Another node, which had lost the lease and did not know, has claimed the shard; it will let go.
            about(LOG.atInfo()).log("another node claimed the shard without its lease; it is claimed again");
            assignments.assign(this);
        } else {
            ended.countDown();
            left();
        }
    }

    private void left() {
        tenure.end();
        terms.whenEnded().accept(this);
    }

    /** Since when this node has it. */
    Instant since() {
        return since;
    }

    synchronized boolean isRunning() {
        return run != null;
    }

    /** Whether another node waits for it, or this one stops. */
    synchronized boolean isLettingGo() {
        return stopBy != null;
    }

    // ---- what the library reads in place of records ----

    RecordsPublisher inputs() {
        return inputs;
    }

    /** The library takes a subscription in which nothing comes for a minute for broken. */
    void keepAlive() {
        inputs.keepAlive();
    }

    /** The library is done with the lease. */
    private void released() {
        if (!isRunning()) {
            left();
        }
    }

    @Override
    public String toString() {
        return "HeldLease[" + shardId + "]";
    }
}
