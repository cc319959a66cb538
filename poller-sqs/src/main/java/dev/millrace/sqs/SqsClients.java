package dev.millrace.sqs;

import dev.millrace.aws.EndpointCredentials;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/**
 * The SDK clients of one region and endpoint. Polling and acknowledging never share connections: a long poll holds one
 * for up to 20 s, and a delete that waits for a free one delivers its messages twice. Thread-safe.
 *
 * <p>Neither client retries, whatever the SDK's defaults become: the machine does, with the state of the queue in view.
 * Neither has a time limit beyond the one for connecting: {@link dev.millrace.source.QueueSource}'s caller has.
 *
 * @param polling receives
 * @param acknowledging everything else: deletes, changes of visibility, attributes
 */
record SqsClients(SqsClient polling, SqsClient acknowledging, EndpointCredentials credentials)
        implements AutoCloseable {

    /** The poller ends calls that take too long. A timer per call or read cost a fifth of this daemon's CPU (ADR 0014). */
    private static final Duration NONE = Duration.ZERO;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Above the most pollers of one mapping (spec 1.1: 10,000 provisioned); connections are opened on demand. */
    private static final int POLLING_CONNECTIONS = 20_000;

    /** Acknowledging calls are short; so many at once mean that the queue is in trouble, and waiting is right. */
    private static final int ACKNOWLEDGING_CONNECTIONS = 2_000;

    /** So that a changed DNS answer is followed. */
    private static final Duration CONNECTION_LIFE = Duration.ofMinutes(10);

    private static final Duration CONNECTION_IDLE = Duration.ofSeconds(50);

    /** Opens both clients; does not connect. */
    static SqsClients open(String region, @Nullable URI endpoint) {
        EndpointCredentials credentials = EndpointCredentials.forEndpoint(endpoint);
        return new SqsClients(
                client(region, endpoint, credentials, POLLING_CONNECTIONS),
                client(region, endpoint, credentials, ACKNOWLEDGING_CONNECTIONS),
                credentials);
    }

    private static SqsClient client(
            String region, @Nullable URI endpoint, EndpointCredentials credentials, int connections) {
        SqsClientBuilder builder = SqsClient.builder()
                .region(Region.of(region))
                .credentialsProvider(credentials)
                .httpClientBuilder(http(connections))
                .overrideConfiguration(options -> options.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .putAdvancedOption(SdkAdvancedClientOption.USER_AGENT_SUFFIX, "millrace"));
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        return builder.build();
    }

    private static Apache5HttpClient.Builder http(int connections) {
        return Apache5HttpClient.builder()
                .maxConnections(connections)
                .connectionTimeout(CONNECT_TIMEOUT)
                .connectionAcquisitionTimeout(CONNECT_TIMEOUT)
                .socketTimeout(NONE)
                .connectionTimeToLive(CONNECTION_LIFE)
                .connectionMaxIdleTime(CONNECTION_IDLE)
                .useIdleConnectionReaper(true)
                .tcpKeepAlive(true);
    }

    @Override
    public void close() {
        polling.close();
        acknowledging.close();
        credentials.close();
    }
}
