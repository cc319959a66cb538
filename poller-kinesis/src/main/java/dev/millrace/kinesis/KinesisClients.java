package dev.millrace.kinesis;

import dev.millrace.aws.EndpointCredentials;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Makes SDK clients of one region and endpoint.
 *
 * <p>None retries, whatever the SDK's defaults become: the machine does, with the state of the shard in view. None has a
 * time limit beyond the one for connecting: the caller of {@link dev.millrace.source.ShardReader} has, and a timer per call
 * or read cost a fifth of this daemon's CPU (ADR 0014).
 */
final class KinesisClients {

    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** One read at a time for each shard, and a stream has up to 20,000 shards; connections are opened on demand. */
    static final int CONNECTIONS = 20_000;

    /** So that a changed DNS answer is followed. */
    private static final Duration CONNECTION_LIFE = Duration.ofMinutes(10);

    private static final Duration CONNECTION_IDLE = Duration.ofSeconds(50);

    private KinesisClients() {}

    /** The client for everything but subscriptions. Does not connect. */
    static KinesisClient calls(String region, @Nullable URI endpoint, EndpointCredentials credentials) {
        return common(KinesisClient.builder(), region, endpoint, credentials)
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .connectionAcquisitionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(Duration.ZERO)
                        .connectionTimeToLive(CONNECTION_LIFE)
                        .connectionMaxIdleTime(CONNECTION_IDLE)
                        .useIdleConnectionReaper(true)
                        .tcpKeepAlive(true))
                .build();
    }

    /** What all clients have in common. */
    static <B extends AwsClientBuilder<B, ?>> B common(
            B builder, String region, @Nullable URI endpoint, EndpointCredentials credentials) {
        builder.region(Region.of(region))
                .credentialsProvider(credentials)
                .overrideConfiguration(options -> options.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .putAdvancedOption(SdkAdvancedClientOption.USER_AGENT_SUFFIX, "millrace"));
        return endpoint == null ? builder : builder.endpointOverride(endpoint);
    }
}
