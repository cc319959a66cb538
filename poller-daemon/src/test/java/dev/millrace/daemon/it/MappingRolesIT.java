package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import dev.millrace.testkit.sts.StsServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mappings with roles of their own. */
@OnEverySqsServer
final class MappingRolesIT {

    private final StsServer sts = StsServer.start();
    private final Scene scene;

    MappingRolesIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
        sts.close();
    }

    private String mapping(TestQueue queue, String role, String externalId) {
        return Scene.mapping(
                queue,
                """
                Millrace: {WaitTimeSeconds: 1, Aws: {Endpoints: {Sts: "%s"}, Credentials: {AccessKeyId: base, \
                SecretAccessKey: base-secret, AssumeRole: {RoleArn: "arn:aws:iam::444455556666:role/%s", \
                ExternalId: %s}}}}""".formatted(sts.endpoint(), role, externalId));
    }

    @Test
    void aMappingWhoseRoleIsRefusedSaysWhyAndLeavesTheOthersAlone() throws Exception {
        TestQueue denied = scene.queues().create("denied", 30);
        TestQueue fine = scene.queues().create("fine", 30);
        sts.refuse("denied-reader", 403, "AccessDenied", "not authorized to perform sts:AssumeRole");
        denied.send("a");
        fine.send("b");
        DaemonProcess daemon = scene.start(scene.config(
                scene.fn(10), mapping(denied, "denied-reader", "theirs"), mapping(fine, "fine-reader", "ours")));

        daemon.output()
                .await("WARN", denied.arn(), "cannot assume the role", "role/denied-reader", "AccessDenied", "ExternalId");
        Scene.awaitEmpty(fine);
        assertThat(scene.deliveries()).containsOnly(Map.entry("b", 1));
        assertThat(daemon.status().at("/EventSourceMappings/0/Problem").asText())
                .contains("cannot assume the role arn:aws:iam::444455556666:role/denied-reader");
        assertThat(daemon.status().at("/EventSourceMappings/1/Problem").isMissingNode())
                .isTrue();
        assertThat(sts.sessions()).singleElement().satisfies(session -> {
            assertThat(session.role()).isEqualTo("fine-reader");
            assertThat(session.member("ExternalId")).isEqualTo("ours");
            assertThat(session.signer()).isEqualTo("base");
        });

        sts.heal();
        Scene.awaitEmpty(denied);
        daemon.output().await(denied.name(), "works again");
        assertThat(scene.deliveries()).containsOnly(Map.entry("a", 1), Map.entry("b", 1));
        assertThat(sts.sessions())
                .extracting(StsServer.Session::role)
                .containsExactly("fine-reader", "denied-reader");
    }
}
