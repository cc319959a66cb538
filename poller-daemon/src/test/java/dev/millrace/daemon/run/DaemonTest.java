package dev.millrace.daemon.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.testkit.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {

    private static final String TWO_FUNCTIONS = "Functions: {f: {Noted: {}, Versions: {1: {}}}, g: {Noted: {}}}\n";
    private static final String TWO_QUEUES = """
        EventSourceMappings:
          - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f}
          - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:b", FunctionName: g}
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    private final RecordedParts parts = new RecordedParts();
    private final Plugins plugins = parts.plugins();

    @Test
    void closesInTheReverseOrderOfOpening() throws Exception {
        Daemon daemon = Daemon.start(config("Api: {Port: 0}\n" + TWO_FUNCTIONS + TWO_QUEUES), plugins);
        InetSocketAddress address = daemon.address();

        daemon.stop();

        assertThat(parts.record())
                .containsSubsequence(
                        "open function g:$LATEST",
                        "open queue a",
                        "open queue b",
                        "close queue b",
                        "close queue a",
                        "close function g:$LATEST")
                .endsWith("close provider")
                .contains("close function f:1", "close function f:$LATEST")
                .hasSize(11);
        assertIsFree(address);
    }

    @Test
    void leavesNothingOpenWhenAVersionOfAFunctionCannotBeOpened() {
        assertThatThrownBy(() -> Daemon.start(
                        config("Functions: {f: {Noted: {}, Versions: {1: {Noted: {As: broken}}}}}\n"), plugins))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll("cannot open function f:1 (Noted)", "no room", "below Functions.f");
        assertThat(parts.record())
                .containsExactly("open function f:$LATEST", "close function f:$LATEST", "close provider");
    }

    @Test
    void leavesNothingOpenWhenASourceCannotBeOpened() {
        assertThatThrownBy(() -> Daemon.start(config(TWO_FUNCTIONS + TWO_QUEUES.replace(":b\"", ":broken\"")), plugins))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll("of arn:aws:sqs:us-east-1:000000000000:broken: ", "no room", "Enabled");
        assertThat(parts.record())
                .containsSubsequence("open queue a", "close queue a", "close function g:$LATEST", "close provider")
                .hasSize(9);
    }

    @Test
    void leavesNothingOpenWhenTheApisPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> Daemon.start(
                            config("Api: {Port: " + taken.getLocalPort() + "}\n" + TWO_FUNCTIONS + TWO_QUEUES),
                            plugins))
                    .isInstanceOf(StartException.class)
                    .hasMessageContainingAll("127.0.0.1:" + taken.getLocalPort(), "set Api.Port to a free port");
        }
        assertThat(parts.record())
                .containsSubsequence("close queue b", "close queue a", "close function g:$LATEST", "close provider")
                .hasSize(11);
    }

    @Test
    void saysWhenTheApisHostIsNoAddress() {
        assertThatThrownBy(() -> Daemon.start(config("Api: {Host: no such host}\n" + TWO_FUNCTIONS), plugins))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll("no such host:9000", "Api.Host");
    }

    @Test
    void tellsThatAMappingRestartsAfterADefect() throws Exception {
        Daemon daemon = Daemon.start(
                config("Api: {Port: 0}\n" + TWO_FUNCTIONS + TWO_QUEUES.replace(":b\"", ":defective\"")), plugins);
        try {
            Eventually.holds("the mapping of the defective queue to restart", () -> {
                assertThat(daemon.content()
                                .status()
                                .at("/EventSourceMappings/1/State")
                                .asText())
                        .isEqualTo("restarting");
                assertThat(daemon.content().ready().ok()).isFalse();
                assertThat(daemon.content().metrics().lines())
                        .filteredOn(line -> line.contains("event_source=\"defective\""))
                        .anySatisfy(line -> assertThat(line)
                                .startsWith("millrace_mapping_running{")
                                .endsWith(" 0.0"))
                        .anySatisfy(line -> assertThat(line)
                                .startsWith("millrace_held_messages{")
                                .endsWith(" NaN"));
            });
        } finally {
            daemon.stop();
        }
    }

    @Test
    void closesTheOtherPartsWhenOneCannotBeClosed() {
        StringBuilder closed = new StringBuilder();
        try (OpenParts open = new OpenParts()) {
            open.add(() -> closed.append("first"));
            open.add(() -> {
                throw new IOException("stuck");
            });
            open.add(() -> closed.append("last "));
        }

        assertThat(closed).hasToString("last first");
    }

    private static void assertIsFree(InetSocketAddress address) throws IOException {
        try (ServerSocket socket = new ServerSocket(address.getPort(), 1, address.getAddress())) {
            assertThat(socket.isBound()).isTrue();
        }
    }

    private DaemonConfig config(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("millrace.yaml"), text);
        LoadedConfig loaded = new ConfigLoader(plugins, _ -> null, Instant.EPOCH).load(file);
        assertThat(loaded).isInstanceOf(LoadedConfig.Valid.class);
        return ((LoadedConfig.Valid) loaded).config();
    }
}
