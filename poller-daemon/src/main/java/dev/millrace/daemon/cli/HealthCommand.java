package dev.millrace.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code millrace health}: asks a running daemon how it is, for supervisors that run a command rather than call a URL, such as
 * Docker's health check in an image without a shell.
 */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Ask a running daemon whether it is healthy.",
        description = {"", "Calls the URL once, waits 3 seconds at most, and prints the answer.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the daemon answered 200",
            "1:it answered something else, or not at all",
            "2:the command line is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace health                                            is it alive?",
            "  millrace health --url http://127.0.0.1:9000/health/ready   does every mapping do its work?"
        })
final class HealthCommand implements Callable<Integer> {

    /** Docker's checks have 5 s by the image; the JVM's start takes a part of them. */
    private static final Duration LONGEST = Duration.ofSeconds(3);

    /** Enough for 1,000 mappings; the rest does not matter to a supervisor. */
    private static final int LONGEST_ANSWER = 64 * 1024;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9000/health/live",
            description = "What to call; by default ${DEFAULT-VALUE}, which fits the default of Api.Port.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private URI url;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        URL target = target();
        try {
            return ask(target);
        } catch (IOException e) {
            err.println("millrace: " + url + " does not answer: " + e.getMessage());
            err.flush();
            return ExitCode.FAILURE;
        }
    }

    private URL target() {
        try {
            if (!"http".equals(url.getScheme()) || url.getHost() == null) {
                throw new MalformedURLException("expected http://HOST:PORT/PATH");
            }
            return url.toURL();
        } catch (MalformedURLException e) {
            throw new ParameterException(
                    spec.commandLine(), "--url: '" + url + "' cannot be called: " + e.getMessage(), e);
        }
    }

    private int ask(URL target) throws IOException {
        HttpURLConnection call = (HttpURLConnection) target.openConnection(Proxy.NO_PROXY);
        try {
            call.setConnectTimeout((int) LONGEST.toMillis());
            call.setReadTimeout((int) LONGEST.toMillis());
            call.setInstanceFollowRedirects(false);
            boolean healthy = call.getResponseCode() == HttpURLConnection.HTTP_OK;
            PrintWriter out = spec.commandLine().getOut();
            out.print(answer(call));
            out.flush();
            return healthy ? ExitCode.OK : ExitCode.FAILURE;
        } finally {
            call.disconnect();
        }
    }

    private static String answer(HttpURLConnection call) throws IOException {
        try (InputStream body = call.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST
                ? call.getInputStream()
                : Optional.ofNullable(call.getErrorStream()).orElseGet(InputStream::nullInputStream)) {
            return new String(body.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
        }
    }
}
