package dev.millrace.testkit.sqs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/** One queue of a test. Thread-safe. */
public final class TestQueue {

    private static final int MOST_ENTRIES = 10;

    private final SqsClient client;
    private final String name;
    private final String arn;
    private final String url;

    TestQueue(SqsClient client, String name, String arn, String url) {
        this.client = client;
        this.name = name;
        this.arn = arn;
        this.url = url;
    }

    /**
     * A message to send.
     *
     * @param group null on a standard queue
     */
    public record Outgoing(String body, @Nullable String group) {}

    /** A message that was taken out of the queue. */
    public record Taken(String body, int receiveCount) {}

    public String name() {
        return name;
    }

    public String arn() {
        return arn;
    }

    /** Sends bodies to a standard queue. */
    public void send(List<String> bodies) {
        sendAll(bodies.stream().map(body -> new Outgoing(body, null)).toList());
    }

    public void send(String... bodies) {
        send(List.of(bodies));
    }

    /** Sends bodies to one message group of a FIFO queue, in order. */
    public void sendTo(String group, String... bodies) {
        sendAll(List.of(bodies).stream().map(body -> new Outgoing(body, group)).toList());
    }

    /** Sends messages in order. */
    public void sendAll(List<Outgoing> messages) {
        for (int from = 0; from < messages.size(); from += MOST_ENTRIES) {
            sendBatch(messages.subList(from, Math.min(from + MOST_ENTRIES, messages.size())));
        }
    }

    private void sendBatch(List<Outgoing> messages) {
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (Outgoing message : messages) {
            entries.add(SendMessageBatchRequestEntry.builder()
                    .id(String.valueOf(entries.size()))
                    .messageBody(message.body())
                    .messageGroupId(message.group())
                    .messageDeduplicationId(
                            message.group() == null ? null : UUID.randomUUID().toString())
                    .build());
        }
        SendMessageBatchResponse answer =
                client.sendMessageBatch(request -> request.queueUrl(url).entries(entries));
        if (!answer.failed().isEmpty()) {
            throw new AssertionError("the server refused messages: " + answer.failed());
        }
    }

    /** Messages that a receive would bring. */
    public int visible() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
    }

    /** Messages that a consumer has. */
    public int inFlight() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    }

    /** Messages in the queue, visible or not: counted in one call, since a message moves from one count to the other. */
    public int depth() {
        return count(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    }

    private int count(QueueAttributeName... attributes) {
        return client
                .getQueueAttributes(request -> request.queueUrl(url).attributeNames(attributes))
                .attributes()
                .values()
                .stream()
                .mapToInt(Integer::parseInt)
                .sum();
    }

    public void setVisibilityTimeout(int seconds) {
        client.setQueueAttributes(request -> request.queueUrl(url)
                .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, String.valueOf(seconds))));
    }

    /** Takes up to ten messages out of the queue that are visible at this moment. */
    public List<Taken> take() {
        return client
                .receiveMessage(request -> request.queueUrl(url)
                        .maxNumberOfMessages(MOST_ENTRIES)
                        .waitTimeSeconds(0)
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages()
                .stream()
                .map(message -> {
                    client.deleteMessage(request -> request.queueUrl(url).receiptHandle(message.receiptHandle()));
                    String count = message.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
                    return new Taken(message.body(), count == null ? 0 : Integer.parseInt(count));
                })
                .toList();
    }

    void delete() {
        client.deleteQueue(request -> request.queueUrl(url));
    }
}
