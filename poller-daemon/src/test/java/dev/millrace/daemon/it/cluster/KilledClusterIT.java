package dev.millrace.daemon.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.daemon.it.StreamScene;
import dev.millrace.daemon.it.traffic.Feed;
import dev.millrace.daemon.it.traffic.FlakyFunction;
import dev.millrace.daemon.it.traffic.Traffic;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.guarantee.AtLeastOnce;
import dev.millrace.testkit.guarantee.Ledger;
import dev.millrace.testkit.guarantee.PerGroupOrder;
import dev.millrace.testkit.guarantee.SerialPerGroup;
import dev.millrace.testkit.kinesis.KinesisLocal;
import dev.millrace.testkit.process.DaemonProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three daemons share shards while records flow, invocations fail and shards change. Again and again one of them is killed by
 * {@code kill -9}, stopped in order and started anew as in a rolling update, or frozen for about as long as its leases last: nothing
 * is lost, each key keeps its order and is with one node at a time, and who stopped in order leaves nothing to be done twice.
 *
 * <p>{@code -Dmillrace.it.blows=N} sets the rounds, {@code -Dmillrace.it.seed=S} repeats a run's random choices.
 */
final class KilledClusterIT {

    private static final int BLOWS = Integer.getInteger("millrace.it.blows", 6);
    private static final long SEED = Long.getLong("millrace.it.seed", System.nanoTime());

    private static final int NODES = 3;
    private static final int TIMEOUT_SECONDS = 5;
    /** Leases last for 3 s: sometimes others have its shards when it goes on, sometimes they are about to take them. */
    private static final int FROZEN_MILLIS_AT_LEAST = 3_000;

    private static final int FROZEN_MILLIS_MORE = 7_000;

    private static final int MOST_INVOCATIONS_BETWEEN_BLOWS = 60;
    /** One send in so many is followed by a change of shards: each takes its children a moment to be given to nodes. */
    private static final int RESHARD_ONE_IN = 20;

    private static final String MEMBERS = "StartingPosition: TRIM_HORIZON, BatchSize: 4, ParallelizationFactor: 3,"
            + " BisectBatchOnFunctionError: true,"
            + " Millrace: {PollIntervalMilliseconds: 200, Retry: {BaseMilliseconds: 20, MaximumSeconds: 0.2}}";

    /** What happens to a node. */
    private enum Blow {
        KILLED,
        STOPPED,
        FROZEN
    }

    private final AtLeastOnce atLeastOnce = new AtLeastOnce();
    private final Ledger ledger = new Ledger(atLeastOnce, new PerGroupOrder(), new SerialPerGroup());
    private final Random random = new Random(SEED);
    private final FlakyFunction function = new FlakyFunction(ledger);
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Blow> blows = new TreeMap<>();
    private int lives;

    private record Node(String name, DaemonProcess daemon) {}

    @TempDir
    private Path folder;

    @Test
    void losesNothingOfAStreamAndKeepsTheOrderOfEachKey() throws InterruptedException {
        try (ClusterScene scene = new ClusterScene(folder)) {
            Feed feed = new Feed.Stream(scene.server().stream("shared", 3), new Random(SEED + 1));
            strike(scene, "a Kinesis stream", feed);
        }
    }

    @Test
    void losesNothingOfAnEmulatedStream() throws InterruptedException {
        assumeThat(KinesisLocal.obstacle()).isEmpty();
        try (KinesisLocal server = KinesisLocal.start();
                ClusterScene scene = new ClusterScene(folder, server.endpoint(), ClusterScene.FAST)) {
            strike(scene, "a stream of kinesis-local", new EmulatedStream(server, "shared", 3, new Random(SEED + 1)));
        }
    }

    @Test
    void losesNoChangeOfTablesAndKeepsTheOrderOfEachItem() throws InterruptedException {
        try (ClusterScene scene = new ClusterScene(folder)) {
            Feed feed = new Feed.Tables(List.of(ClusterScene.table(), ClusterScene.table()), new Random(SEED + 1));
            strike(scene, "DynamoDB tables", feed);
        }
    }

    private void strike(ClusterScene scene, String what, Feed feed) throws InterruptedException {
        report(BLOWS + " blows to " + NODES + " nodes on " + what + ", -Dmillrace.it.seed=" + SEED);
        scene.function().always(call -> function.process(call, feed));
        Traffic traffic = new Traffic(ledger, atLeastOnce, feed, new Random(SEED + 2), RESHARD_ONE_IN);
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            var sending = clock.scheduleWithFixedDelay(
                    traffic::send, 0, Traffic.BETWEEN_SENDS.toMillis(), TimeUnit.MILLISECONDS);
            for (int i = 0; i < NODES; i++) {
                nodes.add(start(scene, feed));
            }
            for (int blow = 0; blow < BLOWS; blow++) {
                traffic.rethrow();
                ledger.awaitInvocations(ledger.invocations() + 1 + random.nextInt(MOST_INVOCATIONS_BETWEEN_BLOWS));
                // All three, one after the other, on whichever node.
                strike(scene, feed, Blow.values()[blow % Blow.values().length]);
            }
            sending.cancel(false);
            Eventually.until("the sender to stop", sending::isDone);
            Eventually.holds("everything to be processed", ledger::check);
            for (Node node : nodes) {
                StreamScene.stop(node.daemon());
            }
            traffic.rethrow();
            conclude(what, traffic.reshards());
        }
    }

    private void strike(ClusterScene scene, Feed feed, Blow blow) throws InterruptedException {
        Node struck = nodes.remove(random.nextInt(nodes.size()));
        // What a node was frozen with may be processed twice, also when it stops in order later.
        blows.merge(struck.name(), blow, (before, now) -> now == Blow.STOPPED ? before : now);
        int before = ledger.read(atLeastOnce::duplicates).getOrDefault(struck.name(), 0);
        report(struck.name() + " is " + blow + " after invocation " + ledger.invocations() + ", with " + before
                + " duplicates so far");
        switch (blow) {
            case KILLED -> {
                ledger.killed(struck.name());
                struck.daemon().kill();
                struck.daemon().awaitExit();
                struck.daemon().close();
                nodes.add(start(scene, feed));
            }
            case STOPPED -> {
                // As in a rolling update: the next one is there before this one goes.
                nodes.add(start(scene, feed));
                // Before, the signal is not its own to obey.
                Eventually.until("it to run", struck.daemon()::serving);
                StreamScene.stop(struck.daemon());
            }
            case FROZEN -> {
                ClusterScene.freeze(struck.daemon());
                int millis = FROZEN_MILLIS_AT_LEAST + random.nextInt(FROZEN_MILLIS_MORE);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
                report(struck.name() + " goes on after " + millis + " ms and invocation " + ledger.invocations() + "; "
                        + ledger.read(atLeastOnce::owed) + " records wait");
                ClusterScene.goOn(struck.daemon());
                nodes.add(struck);
            }
        }
    }

    private Node start(ClusterScene scene, Feed feed) {
        String name = "node-" + lives++;
        String[] mappings = feed.arns().stream()
                .map(arn -> StreamScene.mapping(arn, MEMBERS))
                .toArray(String[]::new);
        return new Node(name, scene.start(name, TIMEOUT_SECONDS, mappings));
    }

    private void conclude(String what, int reshards) {
        ledger.check();
        Map<Blow, Integer> duplicates = new TreeMap<>();
        Map<String, Integer> unexpected = new TreeMap<>();
        ledger.read(atLeastOnce::duplicates).forEach((node, count) -> {
            Blow blow = blows.get(node);
            if (blow == null || blow == Blow.STOPPED) {
                unexpected.put(node + " (" + blow + ")", count);
            } else {
                duplicates.merge(blow, count, Integer::sum);
            }
        });
        report("after " + BLOWS + " blows on " + what + ": " + ledger.read(atLeastOnce::sentCount) + " records sent, "
                + ledger.read(atLeastOnce::processedCount) + " processed, 0 lost, order kept over " + reshards
                + " changes of shards and " + function.failures()
                + " failed invocations; duplicates by what their first node"
                + " suffered: " + duplicates + ", of nodes that stopped in order or suffered nothing: " + unexpected);
        assertThat(unexpected)
                .as("duplicates of nodes that stopped in order or suffered nothing")
                .isEmpty();
    }

    @SuppressWarnings("SystemOut") // The seed and the count of duplicates belong into the build's output.
    private static void report(String text) {
        System.out.println("[CLUSTER] " + text);
    }
}
