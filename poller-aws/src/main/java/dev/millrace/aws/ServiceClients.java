package dev.millrace.aws;

import dev.millrace.config.Authorities;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.http.TlsTrustManagersProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;

/**
 * Sets up the SDK's clients alike. None retries, whatever the SDK's defaults become: the machines do, with the state of the
 * mapping in view. None has a time limit beyond the one for connecting: whoever calls has, and ends a call by interrupting
 * its thread. That takes a virtual thread: there an interrupt closes the socket at once.
 */
public final class ServiceClients {

    /** The caller ends calls that take too long. A timer per call or read cost a fifth of this daemon's CPU (ADR 0014). */
    private static final Duration NONE = Duration.ZERO;

    /** How long connecting may take. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** So that a changed DNS answer is followed. */
    private static final Duration CONNECTION_LIFE = Duration.ofMinutes(10);

    private static final Duration CONNECTION_IDLE = Duration.ofSeconds(50);

    private ServiceClients() {}

    /**
     * The builder, set up.
     *
     * @param connections at most; they are opened on demand
     */
    public static <C, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> B setUp(
            B builder, ServicePlace place, AwsCredentialsProvider credentials, int connections) {
        return common(builder, place, credentials).httpClientBuilder(http(place, connections));
    }

    /** The builder, set up but for its HTTP client, which is the caller's choice. */
    public static <B extends AwsClientBuilder<B, ?>> B common(
            B builder, ServicePlace place, AwsCredentialsProvider credentials) {
        builder.region(Region.of(place.region()))
                .credentialsProvider(credentials)
                .overrideConfiguration(options -> options.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .putAdvancedOption(SdkAdvancedClientOption.USER_AGENT_SUFFIX, "millrace"));
        if (place.endpoint() != null) {
            builder.endpointOverride(place.endpoint());
        }
        return builder;
    }

    /**
     * The builder, set up already, with a time limit for each call: for callers that have none of their own and call seldom, since
     * it costs a timer.
     */
    public static <B extends AwsClientBuilder<B, ?>> B limited(B builder, Duration call) {
        return builder.overrideConfiguration(
                builder.overrideConfiguration().toBuilder().apiCallTimeout(call).build());
    }

    /** Whom servers must be certified by, for the SDK's HTTP clients; null for the JVM's authorities alone. */
    public static @Nullable TlsTrustManagersProvider trust(Access access) {
        Authorities authorities = access.authorities();
        return authorities.certificates().isEmpty() ? null : () -> TrustedAuthorities.with(authorities.certificates());
    }

    /** The HTTP client of {@link #setUp}, to be changed where a client needs something else. */
    static Apache5HttpClient.Builder http(ServicePlace place, int connections) {
        return Apache5HttpClient.builder()
                .maxConnections(connections)
                .connectionTimeout(CONNECT_TIMEOUT)
                .connectionAcquisitionTimeout(CONNECT_TIMEOUT)
                .socketTimeout(NONE)
                .connectionTimeToLive(CONNECTION_LIFE)
                .connectionMaxIdleTime(CONNECTION_IDLE)
                .useIdleConnectionReaper(true)
                .tcpKeepAlive(true)
                .tlsTrustManagersProvider(trust(place.access()));
    }
}
