package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.ElasticMqServer;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import dev.millrace.testkit.sqs.TestQueues;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queues that are missing, deleted, or not reachable. */
@OnEverySqsServer
final class SourceTroubleIT {

    private static final String SHORT_POLLS = "Millrace: {WaitTimeSeconds: 1}";
    private static final Map<String, String> ATTRIBUTES = Map.of("VisibilityTimeout", "30");

    private final SqsServer server;
    private final Path folder;
    private final Scene scene;

    SourceTroubleIT(SqsServer server, @TempDir Path folder) {
        this.server = server;
        this.folder = folder;
        this.scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void namesAMissingQueueKeepsTheOtherMappingGoingAndRecoversWhenItIsCreated() throws IOException {
        String name = TestQueues.freeName("missing");
        TestQueue fine = scene.queues().create("fine", 30);
        DaemonProcess daemon = scene.start(scene.config(
                scene.fn(10), Scene.mapping(server.arn(name), "fn", SHORT_POLLS), Scene.mapping(fine, SHORT_POLLS)));
        fine.send("a");

        daemon.output().await("WARN", name, "does not exist");
        Scene.awaitEmpty(fine);
        assertThat(daemon.get("/health/ready").status()).isEqualTo(503);
        assertThat(daemon.get("/health/live").status()).isEqualTo(200);
        assertThat(daemon.status()
                        .get("EventSourceMappings")
                        .get(0)
                        .get("Problem")
                        .asText())
                .contains(name);

        TestQueue created = scene.queues().create(name, ATTRIBUTES);
        created.send("b");
        Scene.awaitEmpty(created);
        daemon.output().await(name, "works again");
        daemon.awaitReady();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
    }

    @Test
    void startsBeforeTheServerAndOutlivesItsRestart() throws Exception {
        SqsServer later = new SqsServer(
                "ElasticMQ of one test",
                URI.create("http://127.0.0.1:" + freePort()),
                ElasticMqServer.REGION,
                ElasticMqServer.ACCOUNT);
        try (Scene ours = new Scene(later, folder)) {
            String name = TestQueues.freeName("late");
            DaemonProcess daemon =
                    ours.start(ours.config(ours.fn(10), Scene.mapping(later.arn(name), "fn", SHORT_POLLS)));
            daemon.output().await("WARN", name, "cannot reach " + later.endpoint(), "Check that it is up");
            processOne(ours, later, name, "first");

            // The server forgets its queues: the daemon sees it gone, then without the queue, then whole.
            processOne(ours, later, name, "second");
            assertThat(ours.deliveries()).containsOnly(Map.entry("first", 1), Map.entry("second", 1));
            daemon.terminate();
            assertThat(daemon.awaitExit()).isZero();
        }
    }

    private static void processOne(Scene scene, SqsServer on, String name, String body) {
        // The server ends first: it would wait for long polls of queues that are deleted.
        try (TestQueues queues = new TestQueues(on);
                ElasticMqServer running = ElasticMqServer.start(on.endpoint().getPort())) {
            assertThat(running.endpoint()).isEqualTo(on.endpoint());
            TestQueue queue = queues.create(name, ATTRIBUTES);
            queue.send(body);
            Eventually.until(body + " to be processed", () -> scene.deliveries().containsKey(body));
            Scene.awaitEmpty(queue);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
