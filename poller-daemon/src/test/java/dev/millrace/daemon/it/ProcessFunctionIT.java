package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A custom runtime in sh, run by the daemon through the Lambda Runtime API, behind a weighted alias. */
@OnEverySqsServer
final class ProcessFunctionIT {

    /** As AWS's tutorial writes one; notes the version that ran and the bodies it got. */
    private static final String BOOTSTRAP = """
        #!/bin/sh
        set -u
        api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
        while :; do
          curl -sS -f -D "$LEDGER/head.$$" -o "$LEDGER/event.$$" "$api/next" || exit 1
          id=$(tr -d '\\r' < "$LEDGER/head.$$" | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')
          body=$(sed -n 's/.*"body":"\\([a-z0-9]*\\)".*/\\1/p' "$LEDGER/event.$$")
          echo "$AWS_LAMBDA_FUNCTION_VERSION $COLOUR $body" >> "$LEDGER/ledger"
          echo "processed $body"
          curl -sS -o /dev/null -d '{"batchItemFailures":[]}' "$api/$id/response"
        done
        """;

    private static final int MESSAGES = 40;

    private final Path folder;
    private final Scene scene;

    ProcessFunctionIT(SqsServer server, @TempDir Path folder) {
        this.folder = folder;
        this.scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void sharesTheMessagesOfAnAliasBetweenTwoVersions() throws Exception {
        Path bootstrap = Files.writeString(folder.resolve("bootstrap"), BOOTSTRAP);
        TestQueue queue = scene.queues().create("shell", 60);
        String functions = """
              shell:
                Timeout: 30
                Environment: {Variables: {LEDGER: "%s", COLOUR: blue}}
                Process: {Command: ["sh", "%s"]}
                Versions:
                  "1": {}
                  "2": {Environment: {Variables: {LEDGER: "%s", COLOUR: green}}}
                Aliases:
                  prod: {FunctionVersion: "1", RoutingConfig: {AdditionalVersionWeights: {"2": 0.5}}}
            """.formatted(folder, bootstrap, folder).indent(2);
        DaemonProcess daemon = scene.startReady(scene.config(
                functions,
                Scene.mapping(
                        queue.arn(),
                        "shell:prod",
                        "BatchSize: 1, FunctionResponseTypes: [ReportBatchItemFailures], Millrace:"
                                + " {WaitTimeSeconds: 1}")));
        List<String> bodies =
                IntStream.range(0, MESSAGES).mapToObj(number -> "m" + number).toList();
        queue.send(bodies);

        Scene.awaitEmpty(queue);
        List<String> ledger = Files.readAllLines(folder.resolve("ledger"));
        assertThat(ledger)
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(ledger).map(line -> line.substring(0, line.lastIndexOf(' '))).containsOnly("1 blue", "2 green");
        daemon.output().await("processed m0");
        daemon.terminate();
        assertThat(daemon.awaitExit()).isZero();
    }
}
