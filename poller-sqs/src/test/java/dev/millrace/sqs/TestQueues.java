package dev.millrace.sqs;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.source.QueueSource;
import dev.millrace.testkit.ElasticMqServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Queues on an ElasticMQ of this test class, the plain SDK client to fill them, and the sources under test. */
final class TestQueues implements AutoCloseable {

    private static final int CONNECTIONS = 50;

    private final ElasticMqServer server = ElasticMqServer.start();
    private final SqsQueueSourceProvider provider = new SqsQueueSourceProvider();
    private final AtomicInteger names = new AtomicInteger();
    private final ServicePlace place = new ServicePlace("SQS", ElasticMqServer.REGION, server.endpoint());
    private final SharedCredentials credentials = SharedCredentials.open(place);
    final SqsClient client = ServiceClients.setUp(SqsClient.builder(), place, credentials, CONNECTIONS)
            .build();

    /** A queue that exists. */
    record Queue(String name, String url) {
        String arn() {
            return ElasticMqServer.arn(name);
        }
    }

    Queue create(Map<String, String> attributes) {
        boolean fifo = attributes.containsKey("FifoQueue");
        String name = "q" + names.incrementAndGet() + (fifo ? ".fifo" : "");
        return new Queue(
                name,
                client.createQueue(request -> request.queueName(name).attributesWithStrings(attributes))
                        .queueUrl());
    }

    QueueSource open(Queue queue) {
        return open(queue.arn(), Duration.ZERO, List.of());
    }

    QueueSource open(String arn, Duration window, List<String> filterPatterns) {
        return open(arn, window, filterPatterns, server.endpoint());
    }

    QueueSource open(String arn, Duration window, List<String> filterPatterns, URI endpoint) {
        EventSourceMapping mapping = new EventSourceMapping(
                new UUID(0, 1),
                Arn.parse(arn).orElseThrow(),
                FunctionReference.parse("orders-fn", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                10,
                window,
                filterPatterns,
                false,
                QueueMembers.DEFAULT,
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
        return provider.open(
                mapping, new AwsSettings(ElasticMqServer.REGION, ElasticMqServer.ACCOUNT, Map.of("Sqs", endpoint)));
    }

    @Override
    public void close() {
        client.close();
        credentials.close();
        provider.close();
        server.close();
    }
}
