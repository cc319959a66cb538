package dev.millrace.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.SqsClient;

/** What is not configured is not paid for: a JVM that calls SQS loads nothing of roles and authorities. */
class LightStartTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void withoutRolesNothingOfStsIsLoaded() throws Exception {
        Path loaded = directory.resolve("loaded.txt");
        try (FunctionServer server = FunctionServer.start()) {
            server.always(FunctionAnswer.ok("{}"));
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xlog:class+load:file=" + loaded,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Caller.class.getName(),
                    server.url().toString());
            builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
            Process caller = builder.redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output.txt").toFile())
                    .start();
            boolean ended = caller.waitFor(60, TimeUnit.SECONDS);
            caller.destroyForcibly();
            assertThat(ended && caller.exitValue() == 0)
                    .as(Files.readString(directory.resolve("output.txt")))
                    .isTrue();
            assertThat(server.calls()).hasSize(1);
        }

        List<String> classes = Files.readAllLines(loaded);
        assertThat(classes).anyMatch(line -> line.contains(SqsClient.class.getName() + " "));
        assertThat(classes)
                .noneMatch(line -> line.contains("awssdk.services.sts."))
                .noneMatch(line -> line.contains(TrustedAuthorities.class.getName()))
                .noneMatch(line -> line.contains("dev.millrace.aws.Role"));
    }

    /** Runs in the JVM that is looked at. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] arguments) {
            ServicePlace place = new ServicePlace("SQS", "us-east-1", URI.create(arguments[0]));
            try (SharedClients<SqsClient> clients = new SharedClients<>(
                    (where, credentials) -> ServiceClients.setUp(SqsClient.builder(), where, credentials, 1)
                            .build(),
                    SqsClient::close)) {
                clients.at(place).listQueues();
            }
        }
    }
}
