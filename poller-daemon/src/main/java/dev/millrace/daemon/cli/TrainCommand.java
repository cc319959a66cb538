package dev.millrace.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.LoggingSettings;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.LogSetup;
import dev.millrace.daemon.run.Daemon;
import dev.millrace.daemon.run.Signals;
import dev.millrace.daemon.run.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/**
 * The training run for the JVM's AOT cache, used by the build: the daemon does its work once against canned answers, so that
 * the cache holds the classes and profiles of a real start.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {

    private static final int DELETES = 20;
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int LOOPBACK_BACKLOG = 64;
    private final CountDownLatch deletes = new CountDownLatch(DELETES);
    private int receives;

    @Override
    public Integer call() throws IOException, InterruptedException, StartException {
        LogSetup.apply(new LoggingSettings(LoggingSettings.Format.TEXT, LoggingSettings.Level.WARN));
        Path config = Files.createTempFile("millrace-train", ".yaml");
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            HttpServer server =
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LOOPBACK_BACKLOG);
            server.setExecutor(executor);
            server.createContext("/", this::answer);
            server.start();
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            Files.writeString(config, """
                Api: {Port: 0}
                Aws: {Endpoints: {Sqs: "%1$s"}}
                Shutdown: {DeadlineSeconds: 2}
                Functions: {train: {Timeout: 3, Http: {Url: "%1$sfunction"}}}
                EventSourceMappings:
                  - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:train", FunctionName: train}
                """.formatted(url));
            Plugins plugins = Plugins.installed();
            if (!(ConfigLoader.standard(plugins, Instant.now()).load(config) instanceof LoadedConfig.Valid valid)) {
                throw new IllegalStateException("the training configuration is not valid; see " + config);
            }
            boolean trained = train(valid, plugins);
            server.stop(0);
            return trained ? ExitCode.OK : ExitCode.FAILURE;
        } finally {
            Files.delete(config);
        }
    }

    private boolean train(LoadedConfig.Valid valid, Plugins plugins) throws InterruptedException, StartException {
        Signals signals = new Signals();
        Daemon daemon = Daemon.start(valid.config(), plugins);
        boolean done = deletes.await(LONGEST.toSeconds(), TimeUnit.SECONDS);
        daemon.content().metrics();
        daemon.content().status();
        daemon.stop();
        return done && !signals.received();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode request = new ObjectMapper().readTree(exchange.getRequestBody());
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            byte[] body =
                    answer(target == null ? "" : target, request, exchange).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String answer(String target, JsonNode request, HttpExchange exchange) {
        return switch (target.substring(target.indexOf('.') + 1)) {
            case "ReceiveMessage" -> received(nextReceive());
            case "DeleteMessageBatch" -> deleted(request);
            case "GetQueueUrl" ->
                "{\"QueueUrl\":\"http://127.0.0.1:" + exchange.getLocalAddress().getPort() + "/q\"}";
            case "GetQueueAttributes" -> "{\"Attributes\":{\"VisibilityTimeout\":\"30\"}}";
            default -> "{}";
        };
    }

    private static String received(int number) {
        // The SDK verifies the body's MD5.
        return "{\"Messages\":[{\"MessageId\":\"m" + number + "\",\"ReceiptHandle\":\"h" + number
                + "\",\"Body\":\"train\","
                + "\"MD5OfBody\":\"61b3a8faa9c1091806675c230a9abe64\",\"Attributes\":{\"SenderId\":\"s\","
                + "\"SentTimestamp\":\"1\",\"ApproximateReceiveCount\":\"1\","
                + "\"ApproximateFirstReceiveTimestamp\":\"1\"}}]}";
    }

    private synchronized int nextReceive() {
        return ++receives;
    }

    private String deleted(JsonNode request) {
        StringBuilder successful = new StringBuilder();
        for (JsonNode entry : request.get("Entries")) {
            successful
                    .append(successful.isEmpty() ? "" : ",")
                    .append("{\"Id\":")
                    .append(entry.get("Id"))
                    .append('}');
            deletes.countDown();
        }
        return "{\"Successful\":[" + successful + "],\"Failed\":[]}";
    }
}
