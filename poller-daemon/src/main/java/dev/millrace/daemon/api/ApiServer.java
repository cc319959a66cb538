package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves health, metrics and status. Each request runs in a virtual thread. */
public final class ApiServer implements AutoCloseable {

    /** What the server tells. Called from many threads. */
    public interface Content {

        /** Whether every poll loop turns; when not, a supervisor should restart the daemon. */
        Health live();

        /** Whether every enabled mapping is doing its work. */
        Health ready();

        /** Everything in Prometheus' text format. */
        String metrics();

        /** The state of all mappings and functions. */
        JsonNode status();
    }

    /**
     * An answer to a health question.
     *
     * @param ok decides between 200 and 503
     * @param detail the state of each mapping
     */
    public record Health(boolean ok, JsonNode detail) {}

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private record Reply(int status, String contentType, String body) {}

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Binds; {@link #start} begins to answer.
     *
     * @throws IOException when the address cannot be bound
     */
    public ApiServer(InetSocketAddress address) throws IOException {
        server = HttpServer.create(address, 0);
        server.setExecutor(executor);
    }

    /** Begins to answer. Called once, when everything that the content tells is in place. */
    public void start(Content content) {
        route("/health/live", () -> health(content.live()));
        route("/health/ready", () -> health(content.ready()));
        route("/metrics", () -> new Reply(200, PROMETHEUS, content.metrics()));
        route("/status", () -> new Reply(200, JSON, content.status().toPrettyString() + "\n"));
        route(
                "/",
                () -> new Reply(404, JSON, "{\"message\":\"see /health/live, /health/ready, /metrics, /status\"}\n"));
        server.start();
    }

    private static Reply health(Health health) {
        return new Reply(health.ok() ? 200 : 503, JSON, health.detail().toPrettyString() + "\n");
    }

    private void route(String path, Supplier<Reply> reply) {
        server.createContext(path, exchange -> {
            try (exchange) {
                boolean exact =
                        path.equals("/") || exchange.getRequestURI().getPath().equals(path);
                boolean read = exchange.getRequestMethod().equals("GET")
                        || exchange.getRequestMethod().equals("HEAD");
                if (!exact) {
                    send(exchange, new Reply(404, JSON, "{\"message\":\"not found\"}\n"));
                } else if (!read) {
                    send(exchange, new Reply(405, JSON, "{\"message\":\"only GET and HEAD are served here\"}\n"));
                } else {
                    send(exchange, reply.get());
                }
            } catch (RuntimeException e) {
                LOG.atError().addKeyValue("path", path).setCause(e).log("a request failed");
                send(exchange, new Reply(500, JSON, "{\"message\":\"internal error; see the log\"}\n"));
            }
        });
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.getResponseHeaders().set("Content-Type", reply.contentType());
        exchange.sendResponseHeaders(reply.status(), head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** The address really bound; tells the port when 0 was asked for. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
