package dev.millrace.bench;

import java.net.URI;
import java.util.List;

/**
 * What a peer is pointed at.
 *
 * @param sqs the canned queue service
 * @param queues names of the queues to consume; all peers but the daemon take one
 * @param function where to POST batches
 */
record Target(URI sqs, List<String> queues, URI function) {
    Target {
        queues = List.copyOf(queues);
    }

    String queueUrl() {
        return sqs.resolve("/000000000000/" + queues.getFirst()).toString();
    }
}
