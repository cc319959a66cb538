package dev.millrace.bench.peer;

import java.net.URI;

/**
 * What every peer is told on its command line, in this order.
 *
 * @param sqs the canned queue service's endpoint
 * @param queueUrl the queue to consume
 * @param function where to POST each batch
 * @param concurrency how many batches may be between receive and delete at a time
 * @param client which HTTP client the AWS SDK uses
 */
record PeerArguments(URI sqs, String queueUrl, URI function, int concurrency, String client) {
    static PeerArguments parse(String... args) {
        if (args.length != 5) {
            throw new IllegalArgumentException("wanted: SQS-ENDPOINT QUEUE-URL FUNCTION-URL CONCURRENCY CLIENT");
        }
        return new PeerArguments(URI.create(args[0]), args[1], URI.create(args[2]), Integer.parseInt(args[3]), args[4]);
    }
}
