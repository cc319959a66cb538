package dev.millrace.bench.sqs;

import dev.millrace.bench.Java;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/**
 * What a peer is pointed at.
 *
 * @param sqs the canned queue service
 * @param queues names of the queues to consume; all peers but the daemon take one
 * @param function where to POST batches
 * @param concurrency batches at a time
 */
record Target(URI sqs, List<String> queues, URI function, int concurrency) {
    private static final int SERVER_HEAP_MIB = 128;

    Target {
        queues = List.copyOf(queues);
    }

    /** @param functionArguments {@code --delays} lets the function log delays */
    static Stage stage(String name, int round, Settings settings, String... functionArguments) throws IOException {
        return Stage.open(
                name,
                round,
                settings,
                Java.server(SERVER_HEAP_MIB, "sqs.CannedSqs"),
                Java.server(SERVER_HEAP_MIB, "TrivialFunction", functionArguments),
                List.of());
    }

    static Target on(Stage stage, List<String> queues, int concurrency) {
        return new Target(stage.source().url(), queues, stage.function().url(), concurrency);
    }

    String queueUrl() {
        return sqs.resolve("/000000000000/" + queues.getFirst()).toString();
    }
}
