package dev.millrace.daemon.it;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.process.DaemonProcess;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import dev.millrace.testkit.sqs.TestQueues;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What one test needs: queues, a function server, and daemons that run a configuration. Everything ends with {@link #close()}.
 * Confined to the test's thread, except that the function server calls back on threads of its own.
 */
final class Scene implements AutoCloseable {

    private final SqsServer server;
    private final Daemons daemons;
    private final TestQueues queues;
    private final FunctionServer function = FunctionServer.start();

    /**
     * Begins.
     *
     * @param folder for the configuration, the test's own
     */
    Scene(SqsServer server, Path folder) {
        this(server, server, folder);
    }

    /**
     * Begins with daemons that see the server in another way than the test does.
     *
     * @param server as daemons see it
     * @param behind as the test sees it
     */
    Scene(SqsServer server, SqsServer behind, Path folder) {
        this.server = server;
        this.daemons = new Daemons(folder);
        this.queues = new TestQueues(behind);
    }

    TestQueues queues() {
        return queues;
    }

    FunctionServer function() {
        return function;
    }

    /** Decides the function's answers by the event. */
    void answers(Function<SqsEvent, FunctionAnswer> answer) {
        function.always(call -> answer.apply(SqsEvent.of(call)));
    }

    /** Every event that the function has got so far. */
    List<SqsEvent> events() {
        return function.calls().stream().map(SqsEvent::of).toList();
    }

    /** How often the function has got each body. */
    Map<String, Integer> deliveries() {
        Map<String, Integer> deliveries = new HashMap<>();
        events().forEach(event -> event.bodies().forEach(body -> deliveries.merge(body, 1, Integer::sum)));
        return deliveries;
    }

    /** The receive count that each body had when a function got it last. */
    static Map<String, Integer> lastReceiveCounts(FunctionServer function) {
        Map<String, Integer> counts = new HashMap<>();
        for (FunctionCall call : function.calls()) {
            SqsEvent.of(call).messages().forEach(message -> counts.put(message.body(), message.receiveCount()));
        }
        return counts;
    }

    /** The section of the function {@code fn} behind this scene's function server. */
    String fn(int timeoutSeconds) {
        return fn("fn", timeoutSeconds, function.url().toString());
    }

    static String fn(String name, int timeoutSeconds, String url) {
        return Daemons.function(name, timeoutSeconds, url);
    }

    /** A mapping of the queue to {@code fn}, with more members as YAML in braces. */
    static String mapping(TestQueue queue, String members) {
        return mapping(queue.arn(), "fn", members);
    }

    static String mapping(String arn, String function, String members) {
        return Daemons.mapping(arn, function, members);
    }

    /** Writes a configuration: what every one needs, then these functions and mappings. */
    Path config(String functions, String... mappings) {
        return config("Shutdown: {DeadlineSeconds: 20}\n", functions, List.of(mappings));
    }

    Path config(String settings, String functions, List<String> mappings) {
        return daemons.config(
                """
                Region: %s
                AccountId: "%s"
                Aws: {Endpoints: {Sqs: "%s"}}
                """.formatted(server.region(), server.account(), server.endpoint()) + settings, functions, mappings);
    }

    /** Writes any text as a configuration. */
    Path write(String text) {
        return daemons.write(text);
    }

    /** Starts a daemon and returns at once. */
    DaemonProcess start(Path config) {
        return daemons.start(config);
    }

    /** Starts a daemon and waits until all its mappings do their work. */
    DaemonProcess startReady(Path config) {
        return start(config).awaitReady();
    }

    /** Waits until a queue holds nothing, visible or not. */
    static void awaitEmpty(TestQueue queue) {
        Eventually.holds(queue.name() + " to be empty", () -> {
            int depth = queue.depth();
            if (depth != 0) {
                throw new AssertionError(depth + " messages left");
            }
        });
    }

    @Override
    public void close() {
        daemons.close();
        function.close();
        queues.close();
    }
}
