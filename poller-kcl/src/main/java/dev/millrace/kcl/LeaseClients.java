package dev.millrace.kcl;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * The clients that the library wants, shared by all mappings of a node. It uses the one for DynamoDB only: the others are
 * pointed at nothing, so that a call that it should not make fails.
 */
final class LeaseClients implements AutoCloseable {

    /** A table that accepts and does not answer must not keep the library from noticing that its leases have run out. */
    private static final Duration ATTEMPT = Duration.ofSeconds(1);

    private static final Duration CALL = Duration.ofSeconds(2);

    /**
     * The SDK's own default is nine attempts, and four from November 2026 on. The library renews a lease each third of the
     * failover time, a second at least, and that is the next attempt: these end before it when they fail at once.
     */
    private static final int ATTEMPTS = 4;

    private static final BackoffStrategy AGAIN =
            BackoffStrategy.exponentialDelay(Duration.ofMillis(25), Duration.ofMillis(100));
    /** Three of them take less than a second. */
    private static final BackoffStrategy AGAIN_WHEN_THROTTLED =
            BackoffStrategy.exponentialDelay(Duration.ofMillis(100), Duration.ofMillis(400));

    private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

    private final Renewals renewals = new Renewals(System::nanoTime);
    private final Takeovers takeovers;
    private final SdkAsyncHttpClient http;
    private final SharedCredentials credentials;
    private final DynamoDbAsyncClient leases;
    private final KinesisAsyncClient noStreams;
    private final CloudWatchAsyncClient noMetrics;

    /**
     * @param node this node, as leases call it
     * @param failover leases that were not renewed for this long may be taken
     */
    LeaseClients(ServicePlace place, String node, Duration failover) {
        takeovers = new Takeovers(node, failover, System::nanoTime);
        http = NettyNioAsyncHttpClient.builder()
                .protocol(Protocol.HTTP1_1)
                .tlsTrustManagersProvider(ServiceClients.trust(place.access()))
                .build();
        credentials = SharedCredentials.open(place);
        DynamoDbAsyncClientBuilder dynamoDb = common(DynamoDbAsyncClient.builder(), place);
        if (place.endpoint() != null) {
            dynamoDb.endpointOverride(place.endpoint());
        }
        leases = dynamoDb.overrideConfiguration(options -> options.apiCallAttemptTimeout(ATTEMPT)
                        .apiCallTimeout(CALL)
                        .retryStrategy(retries())
                        .addExecutionInterceptor(renewals)
                        .addExecutionInterceptor(takeovers))
                .build();
        noStreams = common(KinesisAsyncClient.builder(), place)
                .endpointOverride(NOWHERE)
                .build();
        noMetrics = common(CloudWatchAsyncClient.builder(), place)
                .endpointOverride(NOWHERE)
                .build();
    }

    private static RetryStrategy retries() {
        return AwsRetryStrategy.forRetryMode(RetryMode.STANDARD).toBuilder()
                .maxAttempts(ATTEMPTS)
                .backoffStrategy(AGAIN)
                .throttlingBackoffStrategy(AGAIN_WHEN_THROTTLED)
                .build();
    }

    private <B extends AwsClientBuilder<B, ?> & AwsAsyncClientBuilder<B, ?>> B common(B builder, ServicePlace place) {
        return builder.httpClient(http).region(Region.of(place.region())).credentialsProvider(credentials);
    }

    /** The renewals of all leases of this node. */
    Renewals renewals() {
        return renewals;
    }

    /** What this node may take from others while it leads. */
    Takeovers takeovers() {
        return takeovers;
    }

    DynamoDbAsyncClient leases() {
        return leases;
    }

    KinesisAsyncClient noStreams() {
        return noStreams;
    }

    CloudWatchAsyncClient noMetrics() {
        return noMetrics;
    }

    @Override
    public void close() {
        leases.close();
        noStreams.close();
        noMetrics.close();
        http.close();
        credentials.close();
    }
}
