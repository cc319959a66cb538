package dev.millrace.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running canned server.
 *
 * @param port on the loopback address
 */
public record CannedServer(ChildProcess process, int port) implements AutoCloseable {
    private static final Pattern FIGURE = Pattern.compile("\"(\\w+)\":(\\d+)");
    private static final int TIMEOUT_MILLIS = 5_000;

    public URI url() {
        return URI.create("http://127.0.0.1:" + port + "/");
    }

    /** What it has counted, by name. */
    public Map<String, Long> stats() throws IOException {
        return figures("stats");
    }

    /** Lets it forget what it has counted. */
    public void reset() throws IOException {
        figures("reset");
    }

    private Map<String, Long> figures(String page) throws IOException {
        URL address = url().resolve(page).toURL();
        HttpURLConnection connection = (HttpURLConnection) address.openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (InputStream body = connection.getInputStream()) {
            Map<String, Long> figures = new HashMap<>();
            Matcher matcher = FIGURE.matcher(new String(body.readAllBytes(), StandardCharsets.UTF_8));
            while (matcher.find()) {
                figures.put(matcher.group(1), Long.parseLong(matcher.group(2)));
            }
            return Map.copyOf(figures);
        } catch (IOException e) {
            throw process.failed("does not answer: " + e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
