package dev.millrace.sqs;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The SDK clients of one place. Polling and acknowledging never share connections: a long poll holds one
 * for up to 20 s, and a delete that waits for a free one delivers its messages twice. Thread-safe.
 *
 * @param polling receives
 * @param acknowledging everything else: deletes, changes of visibility, attributes
 */
record SqsClients(SqsClient polling, SqsClient acknowledging) implements AutoCloseable {

    /** Above the most pollers of one mapping (spec 1.1: 10,000 provisioned); connections are opened on demand. */
    private static final int POLLING_CONNECTIONS = 20_000;

    /** Acknowledging calls are short; so many at once mean that the queue is in trouble, and waiting is right. */
    private static final int ACKNOWLEDGING_CONNECTIONS = 2_000;

    /** Opens both clients; does not connect. */
    static SqsClients open(ServicePlace place, AwsCredentialsProvider credentials) {
        return new SqsClients(
                client(place, credentials, POLLING_CONNECTIONS), client(place, credentials, ACKNOWLEDGING_CONNECTIONS));
    }

    private static SqsClient client(ServicePlace place, AwsCredentialsProvider credentials, int connections) {
        return ServiceClients.setUp(SqsClient.builder(), place, credentials, connections)
                .build();
    }

    @Override
    public void close() {
        polling.close();
        acknowledging.close();
    }
}
