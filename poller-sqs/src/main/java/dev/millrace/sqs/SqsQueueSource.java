package dev.millrace.sqs;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SqsQueueUrl;
import dev.millrace.batch.JsonBuffer;
import dev.millrace.filter.RecordFilter;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceKind;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import dev.millrace.source.SourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * One SQS queue through the AWS SDK. Thread-safe. Serialising and filtering happen on the thread that receives.
 *
 * <p>Call it on virtual threads: there an interrupt ends a call at once. On a platform thread the JDK's sockets do not
 * notice it, and nothing else limits a call.
 */
final class SqsQueueSource implements QueueSource {

    /** SQS's own default, for servers that do not tell. */
    private static final Duration DEFAULT_VISIBILITY_TIMEOUT = Duration.ofSeconds(30);

    private static final int RECORD_OVERHEAD = 2_048;

    private final Arn queue;
    private final SqsClients clients;
    private final SqsQueueUrl url;
    private final SqsRecordJson json;
    private final RecordFilter filter;
    private final SqsFailures failures;
    private final boolean fifo;

    SqsQueueSource(Arn queue, ServicePlace place, SqsClients clients, SqsRecordJson json, RecordFilter filter) {
        this.queue = queue;
        this.clients = clients;
        this.url = new SqsQueueUrl(queue.accountId(), queue.resource(), place);
        this.json = json;
        this.filter = filter;
        this.failures = new SqsFailures(queue, place);
        this.fifo = EventSourceKind.of(queue).orElseThrow() == EventSourceKind.SQS_FIFO;
    }

    @Override
    public QueueAttributes describe() throws SourceException, InterruptedException {
        Map<String, String> attributes = call(at -> clients.acknowledging()
                .getQueueAttributes(GetQueueAttributesRequest.builder()
                        .queueUrl(at)
                        .attributeNames(QueueAttributeName.VISIBILITY_TIMEOUT)
                        .build())
                .attributesAsStrings());
        String seconds = attributes.get(QueueAttributeName.VISIBILITY_TIMEOUT.toString());
        return new QueueAttributes(
                seconds == null ? DEFAULT_VISIBILITY_TIMEOUT : Duration.ofSeconds(Long.parseLong(seconds)));
    }

    @Override
    public List<QueueMessage> receive(int maximum, Duration waitTime) throws SourceException, InterruptedException {
        List<Message> messages = call(at -> clients.polling()
                .receiveMessage(ReceiveMessageRequest.builder()
                        .queueUrl(at)
                        .maxNumberOfMessages(maximum)
                        .waitTimeSeconds(Math.toIntExact(waitTime.toSeconds()))
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                        .messageAttributeNames("All")
                        .build())
                .messages());
        if (messages.isEmpty()) {
            return List.of();
        }
        JsonBuffer buffer = new JsonBuffer(messages.getFirst().body().length() + RECORD_OVERHEAD);
        List<QueueMessage> received = new ArrayList<>(messages.size());
        for (Message message : messages) {
            received.add(received(message, buffer));
        }
        return received;
    }

    private QueueMessage received(Message message, JsonBuffer buffer) {
        Map<String, String> attributes = message.attributesAsStrings();
        byte[] written = json.write(message, buffer);
        return new QueueMessage(
                message.messageId(),
                message.receiptHandle(),
                fifo ? attributes.get("MessageGroupId") : null,
                Integer.parseInt(attributes.getOrDefault("ApproximateReceiveCount", "1")),
                Payload.of(written),
                attributes.get("AWSTraceHeader"),
                filter.matches(written));
    }

    @Override
    public Map<String, EntryFailure> delete(List<QueueMessage> messages) throws SourceException, InterruptedException {
        List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>(messages.size());
        for (QueueMessage message : messages) {
            entries.add(DeleteMessageBatchRequestEntry.builder()
                    .id(Integer.toString(entries.size()))
                    .receiptHandle(message.receiptHandle())
                    .build());
        }
        if (entries.isEmpty()) {
            return Map.of();
        }
        List<BatchResultErrorEntry> failed = call(at -> clients.acknowledging()
                .deleteMessageBatch(DeleteMessageBatchRequest.builder()
                        .queueUrl(at)
                        .entries(entries)
                        .build())
                .failed());
        return byMessage(failed, index -> messages.get(index).messageId());
    }

    @Override
    public Map<String, EntryFailure> changeVisibility(List<VisibilityChange> changes)
            throws SourceException, InterruptedException {
        List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>(changes.size());
        for (VisibilityChange change : changes) {
            entries.add(ChangeMessageVisibilityBatchRequestEntry.builder()
                    .id(Integer.toString(entries.size()))
                    .receiptHandle(change.message().receiptHandle())
                    .visibilityTimeout(Math.toIntExact(change.timeout().toSeconds()))
                    .build());
        }
        if (entries.isEmpty()) {
            return Map.of();
        }
        List<BatchResultErrorEntry> failed = call(at -> clients.acknowledging()
                .changeMessageVisibilityBatch(ChangeMessageVisibilityBatchRequest.builder()
                        .queueUrl(at)
                        .entries(entries)
                        .build())
                .failed());
        return byMessage(failed, index -> changes.get(index).message().messageId());
    }

    /** Entry ids are positions in the request. */
    private static Map<String, EntryFailure> byMessage(
            List<BatchResultErrorEntry> failed, Function<Integer, String> messageId) {
        if (failed.isEmpty()) {
            return Map.of();
        }
        Map<String, EntryFailure> failures = new HashMap<>();
        for (BatchResultErrorEntry entry : failed) {
            failures.put(
                    messageId.apply(Integer.valueOf(entry.id())),
                    new EntryFailure(entry.code(), Boolean.TRUE.equals(entry.senderFault())));
        }
        return Map.copyOf(failures);
    }

    /** Makes a call that is given the queue's URL. */
    private <T> T call(Function<String, T> call) throws SourceException, InterruptedException {
        try {
            return url.call(clients.acknowledging(), call);
        } catch (SdkException e) {
            throw failures.of(e);
        }
    }

    /** Nothing to close: the clients belong to the provider. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "SqsQueueSource[" + queue + "]";
    }
}
