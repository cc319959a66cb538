package dev.millrace.kinesis;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;

/**
 * The client for subscriptions of one place, with Netty's threads. At AWS many subscriptions share an HTTP/2
 * connection; at emulators each has one of its own, by HTTP/1.1. Thread-safe.
 */
final class SubscriptionClient implements AutoCloseable {

    /** They only move bytes into queues; serialising and filtering happen on the threads that read. */
    private static final int THREADS = 2;

    /** One for each shard, and a stream has up to 20,000. */
    private static final int SUBSCRIPTIONS = 20_000;

    /**
     * A shard that is not read for a while, since its function is slow, must not end its subscription, nor the connection that
     * it shares with others, as the SDK does after 10 s of its own. A subscription that is silent is given up by its reader,
     * and a connection of HTTP/2 that is dead by the SDK's pings.
     */
    private static final Duration NEVER = Duration.ZERO;

    /** In which connections that are being closed still find the threads of their pool, which would warn otherwise. */
    private static final int QUIET_MILLIS = 500;

    private final SdkEventLoopGroup threads;
    private final KinesisAsyncClient client;

    private SubscriptionClient(SdkEventLoopGroup threads, KinesisAsyncClient client) {
        this.threads = threads;
        this.client = client;
    }

    /** Starts Netty's threads when they are needed first; does not connect. */
    static SubscriptionClient open(ServicePlace place, boolean emulator, AwsCredentialsProvider credentials) {
        SdkEventLoopGroup threads =
                SdkEventLoopGroup.builder().numberOfThreads(THREADS).build();
        KinesisAsyncClient client = ServiceClients.common(KinesisAsyncClient.builder(), place, credentials)
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .eventLoopGroup(threads)
                        .protocol(emulator ? Protocol.HTTP1_1 : Protocol.HTTP2)
                        .maxConcurrency(SUBSCRIPTIONS)
                        .maxPendingConnectionAcquires(SUBSCRIPTIONS)
                        .connectionTimeout(ServiceClients.CONNECT_TIMEOUT)
                        .readTimeout(NEVER)
                        .tcpKeepAlive(true)
                        .tlsTrustManagersProvider(ServiceClients.trust(place.access())))
                // What completes there only puts something into a queue, so it needs no threads of its own.
                .asyncConfiguration(options ->
                        options.advancedOption(SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .build();
        return new SubscriptionClient(threads, client);
    }

    /** Starts a subscription; does not block. */
    ShardSubscription subscribe(SubscribeToShardRequest request) {
        return ShardSubscription.start(client, request);
    }

    /** Ends all subscriptions. Does not wait for Netty's threads, which would take their time for nothing. */
    @Override
    public void close() {
        client.close();
        var _ = threads.eventLoopGroup().shutdownGracefully(QUIET_MILLIS, 10_000, TimeUnit.MILLISECONDS);
    }
}
