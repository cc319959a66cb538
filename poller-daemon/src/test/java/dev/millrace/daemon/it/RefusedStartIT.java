package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the daemon from starting at all, and what it then says. */
@OnEverySqsServer
final class RefusedStartIT {

    private final Scene scene;

    RefusedStartIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void listsAllProblemsOfAConfigurationWithTheirLines() throws InterruptedException {
        DaemonProcess daemon = scene.start(scene.write("""
            Region: us-east-1
            AccountId: "000000000000"
            Functions:
              fn: {Timeuot: 3, Http: {Url: "http://127.0.0.1:9001/"}}
            EventSourceMappings:
              - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:orders
                FunctionName: fn
                BatchSize: 20
              - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:refunds
                FunctionName: nobody
            """));

        assertThat(daemon.awaitExit()).as("exit code").isEqualTo(2);
        daemon.output().await(":4:", "Timeuot", "Timeout");
        daemon.output().await(":6:", "greater than 0 if maximum batch size is greater than 10");
        daemon.output().await(":10:", "nobody");
        daemon.output().await("3 problems");
    }

    @Test
    void refusesAFileThatIsNotYaml() throws InterruptedException {
        DaemonProcess daemon = scene.start(scene.write("Functions: [\n  {unclosed: 1\n"));

        assertThat(daemon.awaitExit()).as("exit code").isEqualTo(2);
        daemon.output().await("is not valid: 1 problem");
    }

    @Test
    void saysThatThePortOfItsApiIsTaken() throws Exception {
        TestQueue queue = scene.queues().create("untouched", 30);
        queue.send("stays");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path config = scene.config(scene.fn(3), Scene.mapping(queue, ""));
            String text = Files.readString(config).replace("Port: 0", "Port: " + taken.getLocalPort());
            DaemonProcess daemon = scene.start(scene.write(text));

            assertThat(daemon.awaitExit()).as("exit code").isEqualTo(1);
            daemon.output().await("127.0.0.1:" + taken.getLocalPort(), "in use", "set Api.Port to a free port");
        }
        assertThat(queue.take()).containsExactly(new TestQueue.Taken("stays", 1));
    }
}
