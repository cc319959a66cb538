package dev.millrace.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.daemon.config.ApiSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class HealthCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @SuppressWarnings("NullAway.Init") // Each test has one.
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void isWellWhenTheDaemonSaysSo() {
        String url = answers(200, "{\"a\":\"turning\"}\n");

        assertThat(run("health", "--url", url)).isEqualTo(ExitCode.OK);
        assertThat(out).hasToString("{\"a\":\"turning\"}\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void failsWithTheDaemonsReasonWhenItIsNotWell() {
        String url = answers(503, "{\"a\":\"stalled\"}\n");

        assertThat(run("health", "--url", url)).isEqualTo(ExitCode.FAILURE);
        assertThat(out).hasToString("{\"a\":\"stalled\"}\n");
    }

    @Test
    void takesNothingButAPlainYes() {
        assertThat(run("health", "--url", answers(302, ""))).isEqualTo(ExitCode.FAILURE);
        assertThat(run("health", "--url", answers(404, ""))).isEqualTo(ExitCode.FAILURE);
    }

    @Test
    void failsWhenNobodyAnswers() {
        String url = answers(200, "");
        server.stop(0);

        assertThat(run("health", "--url", url)).isEqualTo(ExitCode.FAILURE);
        assertThat(err.toString()).startsWith("millrace: " + url + " does not answer: ");
    }

    @Test
    void refusesWhatCannotBeCalled() {
        assertThat(run("health", "--url", "127.0.0.1:9000")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run("health", "--url", "file:///etc/hosts")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString())
                .contains("--url: 'file:///etc/hosts' cannot be called: expected http://HOST:PORT/PATH");
    }

    @Test
    void asksTheDefaultPortUnlessToldOtherwise() {
        assertThat(run("help", "health")).isEqualTo(ExitCode.OK);
        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("by default http://127.0.0.1:" + ApiSettings.DEFAULT.port() + "/health/live");
    }

    private String answers(int status, String body) {
        String path = "/" + status;
        server.createContext(path, exchange -> {
            try (exchange) {
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private int run(String... arguments) {
        CommandLine commandLine = MillraceCommand.commandLine()
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
