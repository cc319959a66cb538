package dev.millrace.kcl;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.StreamConfig;
import software.amazon.kinesis.common.StreamIdentifier;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.leases.LeaseAssignmentStrategy;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.leases.ShardInfo;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseCoordinator;
import software.amazon.kinesis.leases.exceptions.DependencyException;
import software.amazon.kinesis.leases.exceptions.InvalidStateException;
import software.amazon.kinesis.metrics.MetricsFactory;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.ShardRecordProcessorFactory;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.RecordsPublisher;
import software.amazon.kinesis.retrieval.RetrievalFactory;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;

/** The library at work for one mapping: one of its schedulers, on a thread of its own. */
final class LeaseScheduler {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseScheduler.class);

    /** Between looks at parents; they never wait, since leases are written when the parents are done. */
    private static final long PARENT_POLL_MILLIS = 200;

    /** A node is given leases after twice this. */
    private static final long REPORT_AT_START_MILLIS = 100;

    private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

    /** Of a stream type of its own: the library then does not look for holes in the hash keys of Kinesis. */
    private static final String STREAM_TYPE = "Millrace";

    private final String table;
    private final Takeovers takeovers;
    private final Scheduler scheduler;
    private final Thread thread;
    private final AtomicInteger renewalsAsked = new AtomicInteger();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Thread renewing;
    private volatile boolean killed;

    /**
     * A scheduler, running.
     *
     * @param table the lease table, filled already
     * @param node how this node is called among the others; no two may be called the same
     * @param handOver how long a shard may take to let go
     * @param lease makes what holds the lease of a shard
     */
    LeaseScheduler(
            String table,
            String node,
            Preset preset,
            Duration handOver,
            LeaseClients clients,
            Function<String, HeldLease> lease) {
        this.table = table;
        this.takeovers = clients.takeovers();
        Pairing pairing = new Pairing(shardId -> {
            HeldLease fresh = lease.apply(shardId);
            renewSoon();
            return fresh;
        });
        ConfigsBuilder configs = new ConfigsBuilder(
                new SingleStreamTracker(
                        StreamIdentifier.singleStreamInstance(table, STREAM_TYPE),
                        InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON)),
                table,
                clients.noStreams(),
                clients.leases(),
                clients.noMetrics(),
                node,
                pairing);
        this.scheduler = new Scheduler(
                configs.checkpointConfig(),
                coordinator(configs, preset),
                leaseManagement(configs, preset, handOver),
                configs.lifecycleConfig(),
                configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
                configs.processorConfig(),
                configs.retrievalConfig().retrievalSpecificConfig(pairing));
        this.thread = Thread.ofPlatform().daemon().name("leases/" + table).start(scheduler);
    }

    private static CoordinatorConfig coordinator(ConfigsBuilder configs, Preset preset) {
        return configs.coordinatorConfig()
                .skipShardSyncAtWorkerInitializationIfLeasesExist(true)
                .parentShardPollIntervalMillis(PARENT_POLL_MILLIS)
                .shardConsumerDispatchPollIntervalMillis(preset.dispatch().toMillis());
    }

    private static LeaseManagementConfig leaseManagement(ConfigsBuilder configs, Preset preset, Duration handOver) {
        LeaseManagementConfig config = configs.leaseManagementConfig()
                .failoverTimeMillis(preset.failover().toMillis())
                .leaseAssignmentIntervalMillis(preset.assignment().toMillis())
                .leaseAssignmentStrategy(LeaseAssignmentStrategy.LEASE_COUNT_BASED)
                .dynamoDbLockBasedLeaderLeaseDurationInMillis(preset.leader().toMillis())
                .dynamoDbLockBasedLeaderHeartbeatPeriodInMillis(
                        preset.heartbeat().toMillis())
                .shardSyncIntervalMillis(AFTER_ERROR.toMillis())
                .customShardDetectorProvider(_ -> new NoShards());
        config.workerUtilizationAwareAssignmentConfig()
                .disableWorkerMetrics(true)
                .inMemoryWorkerMetricsCaptureFrequencyMillis(REPORT_AT_START_MILLIS)
                .workerMetricsReporterFreqInMillis(preset.report().toMillis());
        config.gracefulLeaseHandoffConfig()
                .isGracefulLeaseHandoffEnabled(true)
                .gracefulLeaseHandoffTimeoutMillis(
                        handOver.plus(HeldLease.TO_STORE).plus(AFTER_ERROR).toMillis());
        return config;
    }

    /**
     * Renews all leases without waiting for the library's next turn, a third of the failover time away: a lease is certain from
     * its first renewal.
     */
    private void renewSoon() {
        if (renewalsAsked.getAndIncrement() == 0) {
            renewing = Thread.ofVirtual().name("leases-renew/" + table).start(() -> {
                int served;
                do {
                    served = renewalsAsked.get();
                    renew();
                } while (!renewalsAsked.compareAndSet(served, 0));
            });
        }
    }

    private void renew() {
        try {
            scheduler.leaseCoordinator().runLeaseRenewer();
        } catch (DependencyException | InvalidStateException | RejectedExecutionException e) {
            LOG.atDebug()
                    .addKeyValue("table", table)
                    .setCause(e)
                    .log("leases were not renewed; they are at the next turn");
        }
    }

    /** Whether it still works: it gives up when its table was away for long while it started, and an error may end its thread. */
    boolean alive() {
        return thread.isAlive();
    }

    /**
     * Lets go of all leases, each after its shard has ended. Returns at once; a second call changes nothing.
     *
     * @param atLast done then, unless it was killed
     */
    void stop(Runnable atLast) {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        // On a thread of its own: the library's way shares one with whatever else stops, and blocks it until
        // shards let go.
        Thread.ofPlatform().daemon().name("leases-stop/" + table).start(() -> {
            try {
                if (!endsInOrder()) {
                    // It may go on then.
                    scheduler.shutdown();
                }
                tidyUp();
                if (!killed) {
                    atLast.run();
                }
            } finally {
                ended.countDown();
            }
        });
    }

    /** Has the library end in its own way, and waits for that; false when it did not. */
    private boolean endsInOrder() {
        if (!thread.isAlive()) {
            // It gave up and has ended, or an error has ended its thread: its own way waits for turns of that thread.
            return scheduler.shutdownComplete();
        }
        FutureTask<Boolean> stop = new FutureTask<>(scheduler.createGracefulShutdownCallable());
        stop.run();
        if (stop.state() == Future.State.FAILED) {
            LOG.atDebug()
                    .addKeyValue("table", table)
                    .setCause(stop.exceptionNow())
                    .log("the library has not stopped in order");
            return false;
        }
        return stop.resultNow();
    }

    /** Ends at once; leases run out. Returns at once: while it starts the library lets nobody end it. */
    void kill() {
        killed = true;
        Thread.ofPlatform().daemon().name("leases-kill/" + table).start(() -> {
            if (!scheduler.shutdownComplete()) {
                scheduler.shutdown();
            }
            tidyUp();
        });
    }

    /** What the library leaves behind when its thread has ended. */
    private void tidyUp() {
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Thread waiting = renewing;
        if (waiting != null) {
            // For renewals that were dropped.
            waiting.interrupt();
        }
        try {
            // Version 3.5.1 ends all of its pools but this one, whose threads would be there for ever.
            Field pool = DynamoDBLeaseCoordinator.class.getDeclaredField("leaseDiscoveryThreadPool");
            pool.setAccessible(true);
            ((ExecutorService) pool.get(scheduler.leaseCoordinator())).shutdown();
        } catch (ReflectiveOperationException e) {
            LOG.atDebug().addKeyValue("table", table).setCause(e).log("threads of the library are left behind");
        }
        takeovers.gone(table);
    }

    /** Whether it has stopped, and nothing of it is left. */
    boolean isOver() {
        return ended.getCount() == 0;
    }

    /** Waits until it has stopped and what was to be done at last is done; false when that is not so by then. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
    }

    /**
     * The library asks for the publisher of a shard and then, on the same thread, for the processor, without saying of which
     * shard: they are of one lease.
     */
    private static final class Pairing
            implements RetrievalSpecificConfig, RetrievalFactory, ShardRecordProcessorFactory {

        /** Set and taken within one turn of a scheduler's thread, so that schedulers can share it. */
        private static final ThreadLocal<@Nullable HeldLease> LAST = new ThreadLocal<>();

        private final Function<String, HeldLease> lease;

        private Pairing(Function<String, HeldLease> lease) {
            this.lease = lease;
        }

        @Override
        public RetrievalFactory retrievalFactory() {
            return this;
        }

        @Override
        public RecordsPublisher createGetRecordsCache(ShardInfo shard, StreamConfig stream, MetricsFactory metrics) {
            HeldLease fresh = lease.apply(shard.shardId());
            LAST.set(fresh);
            return fresh.inputs();
        }

        @Override
        public ShardRecordProcessor shardRecordProcessor() {
            HeldLease paired = Objects.requireNonNull(LAST.get(), "the library asks for publishers first");
            LAST.remove();
            return paired;
        }
    }
}
