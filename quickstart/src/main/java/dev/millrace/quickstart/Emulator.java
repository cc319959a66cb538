package dev.millrace.quickstart;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** ElasticMQ in this JVM: a standard and a FIFO queue, each with a dead-letter queue. */
final class Emulator implements AutoCloseable {

    static final String REGION = "us-east-1";
    static final String ACCOUNT = "000000000000";
    static final String ORDERS = "orders";
    static final String PAYMENTS = "payments.fifo";
    static final List<String> QUEUES = List.of(ORDERS, PAYMENTS);
    static final int MOST_RECEIVES = 3;

    private static final int VISIBILITY_SECONDS = 10;

    private final SQSRestServer server;
    private final URI endpoint;
    private final SqsClient client;
    private final Map<String, String> urls = new HashMap<>();

    Emulator() {
        server = SQSRestServerBuilder.withPort(0)
                .withInterface("127.0.0.1")
                .withAWSRegion(REGION)
                .withAWSAccountId(ACCOUNT)
                .start();
        endpoint = URI.create(
                "http://127.0.0.1:" + server.waitUntilStarted().localAddress().getPort());
        client = SqsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.of(REGION))
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(Apache5HttpClient.create())
                .build();
        for (String queue : QUEUES) {
            create(deadLetters(queue), Map.of());
            create(
                    queue,
                    Map.of(
                            QueueAttributeName.VISIBILITY_TIMEOUT,
                            String.valueOf(VISIBILITY_SECONDS),
                            QueueAttributeName.REDRIVE_POLICY,
                            "{\"deadLetterTargetArn\":\"" + arn(deadLetters(queue)) + "\",\"maxReceiveCount\":\""
                                    + MOST_RECEIVES + "\"}"));
        }
    }

    /** {@code orders} has {@code orders-dlq}, {@code payments.fifo} has {@code payments-dlq.fifo}. */
    static String deadLetters(String queue) {
        return queue.endsWith(".fifo") ? queue.replace(".fifo", "-dlq.fifo") : queue + "-dlq";
    }

    static String arn(String queue) {
        return "arn:aws:sqs:" + REGION + ":" + ACCOUNT + ":" + queue;
    }

    private void create(String queue, Map<QueueAttributeName, String> attributes) {
        Map<QueueAttributeName, String> all = new HashMap<>(attributes);
        if (queue.endsWith(".fifo")) {
            all.put(QueueAttributeName.FIFO_QUEUE, "true");
            all.put(QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
        }
        urls.put(
                queue,
                client.createQueue(it -> it.queueName(queue).attributes(all)).queueUrl());
    }

    URI endpoint() {
        return endpoint;
    }

    void send(String queue, List<Order> orders) {
        List<SendMessageBatchRequestEntry> entries = orders.stream()
                .map(order -> SendMessageBatchRequestEntry.builder()
                        .id(order.id())
                        .messageBody(order.json())
                        .messageGroupId(queue.endsWith(".fifo") ? order.customer() : null)
                        .build())
                .toList();
        client.sendMessageBatch(it -> it.queueUrl(urls.get(queue)).entries(entries));
    }

    /** Messages in the queue, visible or not. */
    int depth(String queue) {
        Map<QueueAttributeName, String> attributes = client.getQueueAttributes(it -> it.queueUrl(urls.get(queue))
                        .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .attributes();
        return attributes.values().stream().mapToInt(Integer::parseInt).sum();
    }

    /** Takes everything out of a dead-letter queue that is visible now; answers the bodies. */
    List<String> drain(String queue) {
        return client
                .receiveMessage(it ->
                        it.queueUrl(urls.get(queue)).maxNumberOfMessages(10).waitTimeSeconds(0))
                .messages()
                .stream()
                .map(message -> {
                    client.deleteMessage(it -> it.queueUrl(urls.get(queue)).receiptHandle(message.receiptHandle()));
                    return message.body();
                })
                .toList();
    }

    @Override
    public void close() {
        client.close();
        server.stopAndWait();
    }
}
