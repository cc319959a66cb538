package dev.millrace.bench.kcl;

import dev.millrace.bench.peer.CannedCredentials;
import dev.millrace.bench.peer.FunctionPost;
import dev.millrace.bench.peer.StreamArguments;
import java.net.URI;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.metrics.MetricsConfig;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.RetrievalConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * The Kinesis Client Library doing the same hand-off: one worker with all shards, polling as often and as much as it can,
 * no metrics, leases written before it starts so that it does not wait for its own discovery.
 */
public final class KclLoop {
    /** The shortest pause that the library allows; five reads per second are what Kinesis allows. */
    private static final int MILLIS_BETWEEN_READS = 200;

    /** The default: on busy cores a worker with less of it loses its leases to its own delays. */
    private static final int FAILOVER_MILLIS = 10_000;

    private static final int ONE_SECOND_IN_MILLIS = 1_000;
    private static final String APPLICATION = "bench-kcl";

    private KclLoop() {}

    /** Arguments as in {@link StreamArguments}; CLIENT is {@code netty} (the SDK's default) or {@code crt}. */
    public static void main(String[] args) {
        StreamArguments arguments = StreamArguments.parse(args);
        DynamoDbAsyncClient leases = configure(DynamoDbAsyncClient.builder(), arguments, arguments.leases());
        LeasesInAdvance.write(leases, APPLICATION, arguments.shards());
        FunctionPost function = new FunctionPost(arguments.function(), arguments.shards());
        ConfigsBuilder configs = new ConfigsBuilder(
                new SingleStreamTracker(
                        StreamArguments.STREAM,
                        InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON)),
                APPLICATION,
                configure(KinesisAsyncClient.builder(), arguments, arguments.kinesis()),
                leases,
                configure(CloudWatchAsyncClient.builder(), arguments, arguments.leases()),
                "worker",
                () -> new HandOff(function, arguments.batch()));
        new Scheduler(
                        configs.checkpointConfig(),
                        coordinator(configs),
                        leaseManagement(configs),
                        configs.lifecycleConfig(),
                        metrics(configs),
                        configs.processorConfig(),
                        retrieval(configs))
                .run();
    }

    private static <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C>, C> C configure(
            B builder, StreamArguments arguments, URI endpoint) {
        return builder.httpClient(httpClient(arguments))
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(CannedCredentials.provider())
                .build();
    }

    private static SdkAsyncHttpClient httpClient(StreamArguments arguments) {
        return switch (arguments.client()) {
            case "netty" ->
                NettyNioAsyncHttpClient.builder()
                        .protocol(Protocol.HTTP1_1)
                        .maxConcurrency(arguments.shards())
                        .build();
            case "crt" ->
                AwsCrtAsyncHttpClient.builder()
                        .maxConcurrency(arguments.shards())
                        .build();
            default -> throw new IllegalArgumentException("netty or crt, not " + arguments.client());
        };
    }

    private static CoordinatorConfig coordinator(ConfigsBuilder configs) {
        return configs.coordinatorConfig()
                .skipShardSyncAtWorkerInitializationIfLeasesExist(true)
                .shardConsumerDispatchPollIntervalMillis(ONE_SECOND_IN_MILLIS);
    }

    private static LeaseManagementConfig leaseManagement(ConfigsBuilder configs) {
        LeaseManagementConfig config = configs.leaseManagementConfig()
                .failoverTimeMillis(FAILOVER_MILLIS)
                .leaseAssignmentIntervalMillis((long) ONE_SECOND_IN_MILLIS);
        config.workerUtilizationAwareAssignmentConfig()
                .disableWorkerMetrics(true)
                .inMemoryWorkerMetricsCaptureFrequencyMillis(ONE_SECOND_IN_MILLIS)
                .workerMetricsReporterFreqInMillis(ONE_SECOND_IN_MILLIS);
        return config;
    }

    private static MetricsConfig metrics(ConfigsBuilder configs) {
        return configs.metricsConfig().metricsFactory(new NullMetricsFactory());
    }

    private static RetrievalConfig retrieval(ConfigsBuilder configs) {
        return configs.retrievalConfig()
                .retrievalSpecificConfig(new PollingConfig(StreamArguments.STREAM, configs.kinesisClient())
                        .maxRecords(StreamArguments.MAX_RECORDS)
                        .idleTimeBetweenReadsInMillis(MILLIS_BETWEEN_READS));
    }
}
