package dev.millrace.testkit.kinesis;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Clients of the AWS SDK that do not try again, in the protocol that the process is set to. */
final class SdkClients {

    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

    /** Short, for the answers that never come. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private SdkClients() {}

    /** Sets the protocol of all clients in this process; {@link #speakDefault()} undoes it. */
    static void speak(boolean cbor) {
        System.setProperty(SdkSystemSetting.CBOR_ENABLED.property(), String.valueOf(cbor));
    }

    static void speakDefault() {
        System.clearProperty(SdkSystemSetting.CBOR_ENABLED.property());
    }

    static KinesisClient sync(KinesisServer server) {
        return sync(server.endpoint());
    }

    static KinesisClient sync(URI endpoint) {
        return KinesisClient.builder()
                .region(Region.of(KinesisServer.REGION))
                .endpointOverride(endpoint)
                .credentialsProvider(CREDENTIALS)
                .overrideConfiguration(configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .httpClientBuilder(Apache5HttpClient.builder().socketTimeout(PATIENCE))
                .build();
    }

    /** @param http the caller's, to be closed after its last client: closing it takes seconds */
    static KinesisAsyncClient async(KinesisServer server, SdkAsyncHttpClient http) {
        return KinesisAsyncClient.builder()
                .region(Region.of(KinesisServer.REGION))
                .endpointOverride(server.endpoint())
                .credentialsProvider(CREDENTIALS)
                .overrideConfiguration(configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .httpClient(http)
                .build();
    }

    static SdkAsyncHttpClient netty() {
        return NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1).build();
    }
}
