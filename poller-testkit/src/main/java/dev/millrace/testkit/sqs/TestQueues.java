package dev.millrace.testkit.sqs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Queues of one test on an {@link SqsServer}, filled and examined by the plain SDK client, deleted in the end. Names are unique,
 * since a server may outlive many runs. Thread-safe.
 */
public final class TestQueues implements AutoCloseable {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final int RUN = ThreadLocalRandom.current().nextInt(1_000_000);

    private final SqsServer server;
    private final SqsClient client;
    private final List<TestQueue> created = new ArrayList<>();

    public TestQueues(SqsServer server) {
        this.server = server;
        this.client = SqsClient.builder()
                .region(Region.of(server.region()))
                .endpointOverride(server.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    /** A name that no queue has yet; ends with {@code .fifo} if the hint does. */
    public static String freeName(String hint) {
        boolean fifo = hint.endsWith(".fifo");
        String stem = fifo ? hint.substring(0, hint.length() - ".fifo".length()) : hint;
        return stem + "-" + RUN + "-" + COUNT.incrementAndGet() + (fifo ? ".fifo" : "");
    }

    /** A new standard queue, or a FIFO one if the hint ends with {@code .fifo}. */
    public TestQueue create(String hint, int visibilitySeconds) {
        return create(freeName(hint), Map.of("VisibilityTimeout", String.valueOf(visibilitySeconds)));
    }

    /** A new queue that hands messages to another one when they have been received so often. */
    public TestQueue create(String hint, int visibilitySeconds, TestQueue deadLetters, int maximumReceives) {
        return create(
                freeName(hint),
                Map.of(
                        "VisibilityTimeout",
                        String.valueOf(visibilitySeconds),
                        "RedrivePolicy",
                        "{\"deadLetterTargetArn\":\"" + deadLetters.arn() + "\",\"maxReceiveCount\":\""
                                + maximumReceives + "\"}"));
    }

    /** A new queue of exactly this name, with attributes as SQS spells them. */
    public synchronized TestQueue create(String name, Map<String, String> attributes) {
        Map<String, String> all = new HashMap<>(attributes);
        if (name.endsWith(".fifo")) {
            all.put("FifoQueue", "true");
        }
        String url = client.createQueue(request -> request.queueName(name).attributesWithStrings(all))
                .queueUrl();
        TestQueue queue = new TestQueue(client, name, server.arn(name), url);
        created.add(queue);
        return queue;
    }

    @Override
    public synchronized void close() {
        try (client) {
            created.forEach(TestQueue::delete);
        } catch (SdkClientException e) {
            // The server is gone, and its queues with it.
            created.clear();
        }
    }
}
