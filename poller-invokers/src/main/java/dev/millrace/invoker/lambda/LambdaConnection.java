package dev.millrace.invoker.lambda;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.SharedCredentials;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.LambdaClientBuilder;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's client of one function: no retries, whatever the SDK's defaults become, and every timeout set.
 * Thread-safe.
 */
record LambdaConnection(LambdaClient client, SdkHttpClient http, AwsCredentialsProvider credentials)
        implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** So that a changed DNS answer is followed. */
    private static final Duration CONNECTION_LIFE = Duration.ofMinutes(10);

    private static final Duration CONNECTION_IDLE = Duration.ofSeconds(30);

    /**
     * Makes the client; neither connects nor looks for credentials, which happens with the first invocation.
     *
     * @param grace how much later than the function's timeout an answer may come
     */
    static LambdaConnection open(LambdaSettings settings, Duration grace) {
        AwsCredentialsProvider credentials =
                settings.emulator() ? AnonymousCredentialsProvider.create() : SharedCredentials.open(settings.place());
        SdkHttpClient http = http(settings, grace);
        LambdaClientBuilder builder = LambdaClient.builder()
                .region(Region.of(settings.place().region()))
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(options -> options.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .apiCallTimeout(settings.timeout().plus(grace))
                        .addExecutionInterceptor(new AnswerBounds())
                        .putAdvancedOption(SdkAdvancedClientOption.USER_AGENT_SUFFIX, "millrace"));
        if (settings.place().endpoint() != null) {
            builder.endpointOverride(settings.place().endpoint());
        }
        return new LambdaConnection(builder.build(), http, credentials);
    }

    private static SdkHttpClient http(LambdaSettings settings, Duration grace) {
        // No longer than the function's timeout, so that a connection that does not come about is known as such before
        // the whole call is over.
        Duration connect = settings.timeout().compareTo(CONNECT_TIMEOUT) < 0 ? settings.timeout() : CONNECT_TIMEOUT;
        return Apache5HttpClient.builder()
                .maxConnections(settings.maximumConnections())
                .connectionTimeout(connect)
                .connectionAcquisitionTimeout(connect)
                // The call's own timeout comes first; this one is for the day it does not.
                .socketTimeout(settings.timeout().plus(grace).plusSeconds(1))
                .connectionTimeToLive(CONNECTION_LIFE)
                .connectionMaxIdleTime(CONNECTION_IDLE)
                .useIdleConnectionReaper(true)
                .tcpKeepAlive(true)
                .tlsTrustManagersProvider(ServiceClients.trust(settings.place().access()))
                .build();
    }

    @Override
    public void close() {
        client.close();
        http.close();
        if (credentials instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
