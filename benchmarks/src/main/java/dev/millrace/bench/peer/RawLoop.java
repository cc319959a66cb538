package dev.millrace.bench.peer;

import java.io.IOException;
import java.util.List;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * The yardstick: what the same work costs with the same AWS SDK and HTTP clients and nothing else. Each virtual thread
 * receives, posts and deletes, one after the other. No batching rules, no retries, no metrics; the first error ends the
 * process.
 */
public final class RawLoop {
    private final SqsClient sqs;
    private final FunctionPost function;
    private final PeerArguments arguments;
    private final ReceiveMessageRequest receive;

    private RawLoop(PeerArguments arguments) {
        this.arguments = arguments;
        function = new FunctionPost(arguments.function(), arguments.concurrency());
        sqs = SqsClient.builder()
                .httpClient(SdkClients.blocking(arguments.client(), arguments.concurrency()))
                .endpointOverride(arguments.sqs())
                .region(Region.US_EAST_1)
                .credentialsProvider(CannedCredentials.provider())
                .build();
        receive = ReceiveMessageRequest.builder()
                .queueUrl(arguments.queueUrl())
                .maxNumberOfMessages(10)
                .waitTimeSeconds(20)
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                .messageAttributeNames("All")
                .build();
    }

    /** Arguments as in {@link PeerArguments}; CLIENT is one of {@link SdkClients#blocking}. */
    public static void main(String[] args) throws InterruptedException {
        RawLoop loop = new RawLoop(PeerArguments.parse(args));
        for (int i = 0; i < loop.arguments.concurrency(); i++) {
            LoopThread.start("loop-" + i, loop::repeat);
        }
        Thread.currentThread().join();
    }

    private void repeat() {
        while (true) {
            List<Message> messages = sqs.receiveMessage(receive).messages();
            if (!messages.isEmpty()) {
                post(messages);
                delete(messages);
            }
        }
    }

    private void post(List<Message> messages) {
        try {
            function.post(messages.stream().map(Message::body).toList());
        } catch (IOException e) {
            throw new IllegalStateException("the function cannot be reached", e);
        }
    }

    private void delete(List<Message> messages) {
        List<DeleteMessageBatchRequestEntry> entries = messages.stream()
                .map(message -> DeleteMessageBatchRequestEntry.builder()
                        .id(message.messageId())
                        .receiptHandle(message.receiptHandle())
                        .build())
                .toList();
        DeleteMessageBatchResponse answer = sqs.deleteMessageBatch(
                request -> request.queueUrl(arguments.queueUrl()).entries(entries));
        if (answer.successful().size() != entries.size()) {
            throw new IllegalStateException("not everything was deleted: " + answer);
        }
    }
}
