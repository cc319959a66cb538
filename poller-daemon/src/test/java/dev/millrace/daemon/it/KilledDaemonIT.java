package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.guarantee.AtLeastOnce;
import dev.millrace.testkit.guarantee.Invocation;
import dev.millrace.testkit.guarantee.Ledger;
import dev.millrace.testkit.guarantee.PerGroupOrder;
import dev.millrace.testkit.guarantee.Sent;
import dev.millrace.testkit.guarantee.SerialPerGroup;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments while messages flow: nothing is lost, message groups keep their order and are never in two
 * invocations of live daemons at a time, and what is delivered twice stays within what was in flight.
 *
 * <p>The next daemon starts before the one before it is killed, so that most of the time two compete for the queues.
 * {@code -Dmillrace.it.kills=N} sets the rounds, {@code -Dmillrace.it.seed=S} repeats a run's random choices.
 */
@OnEverySqsServer
final class KilledDaemonIT {

    private static final int KILLS = Integer.getInteger("millrace.it.kills", 50);
    private static final long SEED = Long.getLong("millrace.it.seed", System.nanoTime());

    private static final int VISIBILITY_SECONDS = 3;
    private static final int TIMEOUT_SECONDS = 2;
    private static final int BATCH_SIZE = 10;
    private static final int CONCURRENCY = 4;
    /** The machine keeps this many delete calls of ten messages in flight per mapping at this concurrency. */
    private static final int DELETE_CALLS = 4;

    /**
     * What a killed daemon can have had with the function, or processed and not deleted yet, over both mappings. Only that can
     * reach the function twice.
     */
    private static final int IN_FLIGHT = 2 * BATCH_SIZE * (CONCURRENCY + DELETE_CALLS);

    private static final int GROUPS = 30;
    /** The sender waits when so many messages are owed, so that the queues stay short and every message is at risk. */
    private static final int MOST_OWED = 400;

    private static final Duration BETWEEN_SENDS = Duration.ofMillis(60);
    /** A kill comes up to this long after the invocation that triggers it: while it runs, or while its delete does. */
    private static final int KILL_WITHIN_MILLIS = 80;

    private static final int MOST_INVOCATIONS_PER_LIFE = 30;
    private static final long WORK_MILLIS_PER_MESSAGE = 3;
    /** Exit code of a process that SIGKILL ended. */
    private static final int KILLED = 128 + 9;

    private final SqsServer server;
    private final AtLeastOnce atLeastOnce = new AtLeastOnce();
    private final Ledger ledger = new Ledger(atLeastOnce, new PerGroupOrder(), new SerialPerGroup());
    private final Random random = new Random(SEED);

    private final Path folder;

    KilledDaemonIT(SqsServer server, @TempDir Path folder) {
        this.server = server;
        this.folder = folder;
    }

    @Test
    void losesNothingAndKeepsGroupOrder() throws InterruptedException {
        report("kill -9 on " + server + ": " + KILLS + " rounds, -Dmillrace.it.seed=" + SEED);
        try (Scene scene = new Scene(server, folder);
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            TestQueue standard = scene.queues().create("killed", VISIBILITY_SECONDS);
            TestQueue fifo = scene.queues().create("killed.fifo", VISIBILITY_SECONDS);
            scene.function().always(this::process);
            Traffic traffic = new Traffic(ledger, atLeastOnce, standard, fifo);
            var sending =
                    clock.scheduleWithFixedDelay(traffic::send, 0, BETWEEN_SENDS.toMillis(), TimeUnit.MILLISECONDS);

            DaemonProcess last = rounds(scene, standard, fifo);

            sending.cancel(false);
            Eventually.until("the sender to stop", sending::isDone);
            Eventually.holds("everything to be processed", ledger::check);
            Scene.awaitEmpty(standard);
            Scene.awaitEmpty(fifo);
            last.terminate();
            assertThat(last.awaitExit())
                    .as("exit code of the daemon that was not killed")
                    .isZero();
            traffic.rethrow();
        }
        conclude();
    }

    private DaemonProcess rounds(Scene scene, TestQueue standard, TestQueue fifo) throws InterruptedException {
        DaemonProcess current = start(scene, 0, standard, fifo);
        current.api();
        for (int round = 1; round <= KILLS; round++) {
            long before = ledger.invocations();
            DaemonProcess next = start(scene, round, standard, fifo);
            ledger.awaitInvocations(before + 1 + random.nextInt(MOST_INVOCATIONS_PER_LIFE));
            killSoon(current, consumer(round - 1), Duration.ofMillis(random.nextInt(KILL_WITHIN_MILLIS)));
            assertThat(current.awaitExit())
                    .as("exit code; output:\n" + current.output())
                    .isEqualTo(KILLED);
            current.close();
            current = next;
        }
        return current;
    }

    private void killSoon(DaemonProcess daemon, String consumer, Duration delay) {
        Thread.ofVirtual().start(() -> {
            LockSupport.parkNanos(delay.toNanos());
            ledger.killed(consumer);
            daemon.kill();
        });
    }

    private DaemonProcess start(Scene scene, int life, TestQueue standard, TestQueue fifo) {
        String members = "BatchSize: " + BATCH_SIZE + ", ScalingConfig: {MaximumConcurrency: " + CONCURRENCY
                + "}, Millrace: {WaitTimeSeconds: 1}";
        return scene.start(scene.config(
                Scene.fn("fn", TIMEOUT_SECONDS, scene.function().url() + consumer(life)),
                Scene.mapping(standard, members),
                Scene.mapping(fifo, members)));
    }

    private static String consumer(int life) {
        return "daemon-" + life;
    }

    /** The function: takes a little time, as real ones do, and undoes its work when its daemon dies meanwhile. */
    private FunctionAnswer process(FunctionCall call) {
        String consumer = call.target().substring(1);
        List<Sent> messages = SqsEvent.of(call).messages().stream()
                .map(message -> new Sent(message.body(), message.group()))
                .toList();
        Invocation invocation = ledger.started(consumer, messages);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(messages.size() * WORK_MILLIS_PER_MESSAGE));
        return ledger.processed(invocation)
                ? FunctionAnswer.ok("")
                : FunctionAnswer.status(500, "the work of " + consumer + " is undone");
    }

    private void conclude() {
        ledger.check();
        Map<String, Integer> duplicates = ledger.read(atLeastOnce::duplicates);
        int total = duplicates.values().stream().mapToInt(Integer::intValue).sum();
        int most =
                duplicates.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        report("after " + KILLS + " kills on " + server + ": " + ledger.read(atLeastOnce::sentCount)
                + " messages sent, "
                + ledger.read(atLeastOnce::processedCount) + " processed, 0 lost, order kept; " + total
                + " duplicates, at most " + most + " per kill (bound: " + IN_FLIGHT + ")");
        assertThat(duplicates.values())
                .as("duplicates per daemon")
                .allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(IN_FLIGHT));
        assertThat(duplicates).as("a daemon that was stopped in order").doesNotContainKey(consumer(KILLS));
    }

    /** Sends ten messages to each queue, again and again. Runs on one thread at a time. */
    private static final class Traffic {

        private final Ledger ledger;
        private final AtLeastOnce atLeastOnce;
        private final TestQueue standard;
        private final TestQueue fifo;
        private final Random random = new Random(SEED + 1);
        private int count;
        private volatile @Nullable RuntimeException failure;

        Traffic(Ledger ledger, AtLeastOnce atLeastOnce, TestQueue standard, TestQueue fifo) {
            this.ledger = ledger;
            this.atLeastOnce = atLeastOnce;
            this.standard = standard;
            this.fifo = fifo;
        }

        void send() {
            try {
                if (ledger.read(atLeastOnce::owed) < MOST_OWED) {
                    standard.sendAll(batch("s", false));
                    fifo.sendAll(batch("f", true));
                }
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        }

        private List<TestQueue.Outgoing> batch(String prefix, boolean grouped) {
            return random.ints(BATCH_SIZE, 0, GROUPS)
                    .mapToObj(group -> {
                        count++;
                        TestQueue.Outgoing message =
                                new TestQueue.Outgoing(prefix + count, grouped ? "g" + group : null);
                        ledger.sent(new Sent(message.body(), message.group()));
                        return message;
                    })
                    .toList();
        }

        void rethrow() {
            RuntimeException failed = failure;
            if (failed != null) {
                throw failed;
            }
        }
    }

    @SuppressWarnings("SystemOut") // The seed and the count of duplicates belong into the build's output.
    private static void report(String text) {
        System.out.println("[KILL] " + text);
    }
}
