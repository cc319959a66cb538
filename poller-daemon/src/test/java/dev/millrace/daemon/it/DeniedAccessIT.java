package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsFault;
import dev.millrace.testkit.sqs.SqsProxy;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import dev.millrace.testkit.sts.StsServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that lack a right, from the start or all of a sudden. Emulators refuse nobody, so a proxy does. */
@OnEverySqsServer
final class DeniedAccessIT {

    private static final String SHORT_POLLS = "Millrace: {WaitTimeSeconds: 1}";

    private final SqsProxy proxy;
    private final Scene scene;

    DeniedAccessIT(SqsServer server, @TempDir Path folder) {
        proxy = new SqsProxy(server);
        scene = new Scene(proxy.server(), server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
        proxy.close();
    }

    @Test
    void namesMappingAndRemedyWhileTheOtherMappingGoesOnAndRecoversWhenAllowed() throws Exception {
        TestQueue denied = scene.queues().create("denied", 30);
        TestQueue fine = scene.queues().create("fine", 30);
        proxy.always(denied, SqsProxy.EVERYTHING, SqsFault.accessDenied());
        denied.send("a");
        fine.send("b");
        DaemonProcess daemon = scene.start(
                scene.config(scene.fn(10), Scene.mapping(denied, SHORT_POLLS), Scene.mapping(fine, SHORT_POLLS)));

        daemon.output().await("WARN", denied.arn(), "denies access", "AccessDenied", "sqs:ReceiveMessage");
        Scene.awaitEmpty(fine);
        assertThat(scene.deliveries()).containsOnly(Map.entry("b", 1));
        assertThat(daemon.get("/health/ready").status()).isEqualTo(503);
        assertThat(daemon.get("/health/live").status()).isEqualTo(200);
        assertThat(daemon.status().at("/EventSourceMappings/0/Problem").asText())
                .contains(denied.arn(), "sqs:ReceiveMessage");
        assertThat(daemon.status().at("/EventSourceMappings/1/Problem").isMissingNode())
                .isTrue();

        proxy.heal(denied);
        Scene.awaitEmpty(denied);
        daemon.output().await(denied.name(), "works again");
        daemon.awaitReady();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
    }

    /** With a role of its own for each mapping. */
    @Test
    void namesTheRoleThatIsRefusedWhileTheOtherMappingGoesOnWithItsOwn() throws Exception {
        TestQueue denied = scene.queues().create("denied", 30);
        TestQueue fine = scene.queues().create("fine", 30);
        denied.send("a");
        fine.send("b");
        try (StsServer sts = StsServer.start()) {
            sts.refuse("denied-reader", 403, "AccessDenied", "not authorized to perform sts:AssumeRole");
            DaemonProcess daemon = scene.start(scene.config(
                    scene.fn(10),
                    Scene.mapping(denied, withRole(sts, "denied-reader", "theirs")),
                    Scene.mapping(fine, withRole(sts, "fine-reader", "ours"))));

            daemon.output().await("WARN", denied.arn(), "cannot assume the role", "role/denied-reader", "AccessDenied");
            Scene.awaitEmpty(fine);
            assertThat(scene.deliveries()).containsOnly(Map.entry("b", 1));
            assertThat(daemon.status().at("/EventSourceMappings/0/Problem").asText())
                    .contains("cannot assume the role arn:aws:iam::444455556666:role/denied-reader", "ExternalId");
            assertThat(daemon.status().at("/EventSourceMappings/1/Problem").isMissingNode())
                    .isTrue();

            sts.heal();
            Scene.awaitEmpty(denied);
            daemon.output().await(denied.name(), "works again");
            assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
            assertThat(sts.sessions())
                    .extracting(
                            session -> session.signer() + ", " + session.member("ExternalId") + ": " + session.role())
                    .containsExactly("base, ours: fine-reader", "base, theirs: denied-reader");
        }
    }

    private static String withRole(StsServer sts, String role, String externalId) {
        return """
            Millrace: {WaitTimeSeconds: 1, Aws: {Endpoints: {Sts: "%s"}, Credentials: {AccessKeyId: base, \
            SecretAccessKey: base-secret, AssumeRole: {RoleArn: "arn:aws:iam::444455556666:role/%s", \
            ExternalId: %s}}}}\
            """.formatted(sts.endpoint(), role, externalId);
    }

    @Test
    void deletesWhatWasProcessedOnceItsRightsComeBackAndInvokesNothingTwice() throws Exception {
        TestQueue queue = scene.queues().create("suddenly", 60);
        CountDownLatch denied = new CountDownLatch(1);
        scene.answers(event -> {
            ShutdownIT.awaitUninterruptibly(denied);
            return FunctionAnswer.ok("");
        });
        DaemonProcess daemon = scene.startReady(scene.config(scene.fn(60), Scene.mapping(queue, SHORT_POLLS)));
        queue.send("a", "b", "c");
        Eventually.until("all to be received", () -> queue.inFlight() == 3);
        proxy.always(queue, SqsProxy.EVERYTHING, SqsFault.accessDenied());
        denied.countDown();

        proxy.awaitStruck(queue, SqsProxy.DELETE, 3);
        daemon.output().await("WARN", queue.arn(), "denies access", "sqs:DeleteMessage");
        assertThat(daemon.get("/health/ready").status()).isEqualTo(503);
        assertThat(queue.inFlight()).as("processed, not deleted").isEqualTo(3);

        proxy.heal(queue);
        Scene.awaitEmpty(queue);
        daemon.awaitReady();
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1), Map.entry("c", 1));
    }

    /** AWS's managed policy for pollers has neither GetQueueUrl nor ChangeMessageVisibility. */
    @Test
    void worksWithoutTheRightToChangeVisibility() throws Exception {
        TestQueue queue = scene.queues().create("managed-policy", 2);
        proxy.always(queue, SqsProxy.CHANGE_VISIBILITY, SqsFault.accessDenied());
        proxy.always(queue, SqsProxy.GET_URL, SqsFault.accessDenied());
        scene.answers(event -> event.messages().getFirst().receiveCount() == 1
                ? FunctionAnswer.status(500, "the first time fails")
                : FunctionAnswer.ok(""));
        DaemonProcess daemon =
                scene.startReady(scene.config(scene.fn(2), Scene.mapping(queue, "BatchSize: 1, " + SHORT_POLLS)));
        queue.send(List.of("a", "b"));

        Scene.awaitEmpty(queue);
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 2), Map.entry("b", 2));
        daemon.terminate();
        assertThat(daemon.awaitExit()).isZero();
        assertThat(proxy.calls(queue, SqsProxy.CHANGE_VISIBILITY)).isZero();
    }
}
