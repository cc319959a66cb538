package dev.millrace.daemon.it.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.daemon.it.Daemons;
import dev.millrace.daemon.it.StreamScene;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.guarantee.AtLeastOnce;
import dev.millrace.testkit.guarantee.AtLeastOnce.Repetition;
import dev.millrace.testkit.guarantee.Ledger;
import dev.millrace.testkit.guarantee.PerGroupOrder;
import dev.millrace.testkit.guarantee.SerialPerGroup;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments while records flow, invocations fail and are bisected, and shards split, merge and roll over:
 * nothing is lost, each key keeps its order also over a change of its shard, and what is delivered twice stays within what was in
 * flight or not stored yet.
 *
 * <p>The next daemon starts on the same store when the one before it is dead. {@code -Dmillrace.it.kills=N} sets the rounds,
 * {@code -Dmillrace.it.seed=S} repeats a run's random choices.
 */
final class KilledStreamIT {

    private static final int KILLS_OF_STREAM = Integer.getInteger("millrace.it.kills", 50);
    /** Fewer: what differs from the other is in its source alone. */
    private static final int KILLS_OF_TABLES = Integer.getInteger("millrace.it.kills", 15);

    private static final long SEED = Long.getLong("millrace.it.seed", System.nanoTime());

    private static final int TIMEOUT_SECONDS = 5;
    private static final int BATCH_SIZE = 4;
    private static final int LANES = 3;
    /** Settled batches per lane that the machine lets wait until they are stored. */
    private static final int UNSAVED_PER_LANE = 4;

    /**
     * What a killed daemon can have had with the function, or settled and not stored yet, of one shard. Only that can reach the
     * function twice.
     */
    private static final int BOUND_PER_SHARD = LANES * (1 + UNSAVED_PER_LANE) * BATCH_SIZE;

    /** One kill in so many comes while the daemon starts: while it opens its store, finds shards, or begins to read. */
    private static final int KILLS_AT_START = 8;

    private static final int STARTS_WITHIN_MILLIS = 1_500;
    private static final int MOST_INVOCATIONS_PER_LIFE = 40;
    /** A kill comes up to this long after the invocation that triggers it: while one runs, or while progress is stored. */
    private static final int KILL_WITHIN_MILLIS = 80;
    /** One send in so many is followed by a change of shards. */
    private static final int RESHARD_ONE_IN = 10;
    /** Exit code of a process that SIGKILL ended. */
    private static final int KILLED = 128 + 9;

    private final AtLeastOnce atLeastOnce = new AtLeastOnce();
    private final Ledger ledger = new Ledger(atLeastOnce, new PerGroupOrder(), new SerialPerGroup());
    private final Random random = new Random(SEED);
    private final FlakyFunction function = new FlakyFunction(ledger);

    @TempDir
    private Path folder;

    @Test
    void losesNothingAndKeepsTheOrderOfEachKey() throws InterruptedException {
        try (StreamScene scene = new StreamScene(folder)) {
            TestStream stream = scene.server().stream("killed", 2);
            killWhileFed(scene, "a Kinesis stream", new Feed.Stream(stream, choices()), KILLS_OF_STREAM);
        }
    }

    @Test
    void losesNoChangeOfATableAndKeepsTheOrderOfEachItem() throws InterruptedException {
        try (StreamScene scene = new StreamScene(folder)) {
            List<TestTable> tables = List.of(scene.table(), scene.table());
            killWhileFed(scene, "DynamoDB tables", new Feed.Tables(tables, choices()), KILLS_OF_TABLES);
        }
    }

    /** Of the thread that feeds. */
    private static Random choices() {
        return new Random(SEED + 1);
    }

    private void killWhileFed(StreamScene scene, String what, Feed feed, int kills) throws InterruptedException {
        report("kill -9 on " + what + ": " + kills + " rounds, -Dmillrace.it.seed=" + SEED);
        scene.function().always(call -> function.process(call, feed));
        Traffic traffic = new Traffic(ledger, atLeastOnce, feed, new Random(SEED + 2), RESHARD_ONE_IN);
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            var sending = clock.scheduleWithFixedDelay(
                    traffic::send, 0, Traffic.BETWEEN_SENDS.toMillis(), TimeUnit.MILLISECONDS);

            DaemonProcess last = rounds(scene, feed, kills);

            sending.cancel(false);
            Eventually.until("the sender to stop", sending::isDone);
            Eventually.holds("everything to be processed", ledger::check);
            StreamScene.stop(last);
            traffic.rethrow();
            conclude(what, kills, traffic.reshards());
        }
    }

    private DaemonProcess rounds(StreamScene scene, Feed feed, int kills) throws InterruptedException {
        for (int round = 0; round < kills; round++) {
            long before = ledger.invocations();
            DaemonProcess daemon = start(scene, round, feed);
            if (random.nextInt(KILLS_AT_START) == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(STARTS_WITHIN_MILLIS)));
            } else {
                ledger.awaitInvocations(before + 1 + random.nextInt(MOST_INVOCATIONS_PER_LIFE));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(KILL_WITHIN_MILLIS)));
            }
            ledger.killed(consumer(round));
            daemon.kill();
            assertThat(daemon.awaitExit())
                    .as("exit code; output:\n" + daemon.output())
                    .isEqualTo(KILLED);
            daemon.close();
        }
        return start(scene, kills, feed);
    }

    private static DaemonProcess start(StreamScene scene, int life, Feed feed) {
        String members = "StartingPosition: TRIM_HORIZON, BatchSize: " + BATCH_SIZE
                + ", ParallelizationFactor: " + LANES + ", BisectBatchOnFunctionError: true,"
                + " Millrace: {PollIntervalMilliseconds: 200, Retry: {BaseMilliseconds: 20, MaximumSeconds: 0.2}}";
        return scene.start(scene.config(
                Daemons.function("fn", TIMEOUT_SECONDS, scene.function().url() + consumer(life)),
                feed.arns().stream()
                        .map(arn -> StreamScene.mapping(arn, members))
                        .toArray(String[]::new)));
    }

    private static String consumer(int life) {
        return "daemon-" + life;
    }

    private void conclude(String what, int kills, int reshards) {
        ledger.check();
        List<Repetition> repetitions = ledger.read(atLeastOnce::repetitions);
        Map<String, Integer> perKill = new HashMap<>();
        Map<String, Integer> perKillAndPlace = new HashMap<>();
        for (Repetition repetition : repetitions) {
            perKill.merge(repetition.consumer(), 1, Integer::sum);
            String id = repetition.message().id();
            String place = id.substring(0, id.indexOf('/'));
            perKillAndPlace.merge(repetition.consumer() + " " + place, 1, Integer::sum);
        }
        report("after " + kills + " kills on " + what + ": " + ledger.read(atLeastOnce::sentCount) + " records sent, "
                + ledger.read(atLeastOnce::processedCount) + " processed, 0 lost, order kept over " + reshards
                + " changes of shards and " + function.failures() + " failed invocations; " + repetitions.size()
                + " duplicates, at most " + most(perKill) + " per kill and " + most(perKillAndPlace)
                + " per kill and shard (bound: " + BOUND_PER_SHARD + ")");
        assertThat(perKillAndPlace.values())
                .as("duplicates per daemon and shard")
                .allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(BOUND_PER_SHARD));
        assertThat(perKill).as("a daemon that was stopped in order").doesNotContainKey(consumer(kills));
    }

    private static int most(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    @SuppressWarnings("SystemOut") // The seed and the count of duplicates belong into the build's output.
    private static void report(String text) {
        System.out.println("[KILL] " + text);
    }
}
