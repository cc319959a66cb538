package dev.millrace.bench.server.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.server.MessageStamp;
import dev.millrace.bench.server.RunningLoop;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** Asked by AWS's own client, which checks the digest of every body it receives. */
class CannedSqsTest {
    private final RunningLoop server = RunningLoop.start(new CannedSqs());
    private SqsClient sqs = client();

    @BeforeEach
    void connect() {
        sqs = client();
    }

    private SqsClient client() {
        return SqsClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(URI.create("http://127.0.0.1:" + server.port()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        sqs.close();
        server.close();
    }

    @Test
    void anEndlessQueueGivesEveryMessageAnIdOfItsOwn() {
        Set<String> ids = new HashSet<>();
        Set<String> handles = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            for (Message message : receive("endless", 10, 20)) {
                ids.add(message.messageId());
                handles.add(message.receiptHandle());
                assertThat(message.body()).hasSize(CannedMessages.BODY_BYTES);
            }
        }
        assertThat(ids).hasSize(200);
        assertThat(handles).hasSize(200);
    }

    @Test
    void givesAsManyMessagesAsAreAskedFor() {
        assertThat(receive("endless", 3, 0)).hasSize(3);
        assertThat(receive("endless", 1, 0)).hasSize(1);
    }

    @Test
    void aDeletionIsAnsweredWithTheIdsThatWereSent() {
        List<DeleteMessageBatchRequestEntry> entries = receive("endless", 10, 0).stream()
                .map(message -> DeleteMessageBatchRequestEntry.builder()
                        .id("my-" + message.messageId())
                        .receiptHandle(message.receiptHandle())
                        .build())
                .toList();

        DeleteMessageBatchResponse answer = sqs.deleteMessageBatch(
                request -> request.queueUrl(queueUrl("endless")).entries(entries));

        assertThat(answer.successful().stream().map(DeleteMessageBatchResultEntry::id))
                .containsExactlyElementsOf(
                        entries.stream().map(DeleteMessageBatchRequestEntry::id).toList());
        assertThat(answer.failed()).isEqualTo(List.<BatchResultErrorEntry>of());
    }

    @Test
    void aChangeOfVisibilityIsAccepted() {
        ChangeMessageVisibilityBatchRequestEntry entry = ChangeMessageVisibilityBatchRequestEntry.builder()
                .id("1")
                .receiptHandle("handle")
                .visibilityTimeout(0)
                .build();
        assertThat(sqs.changeMessageVisibilityBatch(
                                request -> request.queueUrl(queueUrl("endless")).entries(entry))
                        .successful())
                .singleElement()
                .satisfies(result -> assertThat(result.id()).isEqualTo("1"));
    }

    @Test
    void everyQueueExistsAndHasAttributes() {
        String url = sqs.getQueueUrl(request -> request.queueName("some")).queueUrl();
        assertThat(url).isEqualTo(queueUrl("some"));
        assertThat(sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                        .attributes())
                .containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "30")
                .containsEntry(QueueAttributeName.QUEUE_ARN, "arn:aws:sqs:us-east-1:000000000000:some");
    }

    @Test
    void anIdleQueueHoldsALongPollToItsEnd() {
        long start = System.nanoTime();
        assertThat(receive("idle-7", 10, 1)).isEmpty();
        assertThat(System.nanoTime() - start).isBetween(900_000_000L, 5_000_000_000L);
    }

    @Test
    void anIdleQueueAnswersAShortPollAtOnce() {
        assertThat(receive("idle-7", 10, 0)).isEmpty();
    }

    @Test
    void aPacedQueueAnswersAWaitingPollWithAMessageThatCarriesItsTime() {
        long before = MessageStamp.now();
        Message message = receive("paced-20", 10, 5).getFirst();
        byte[] body = message.body().getBytes(StandardCharsets.UTF_8);
        long stamp = MessageStamp.read(body, MessageStamp.find(body, 0, body.length), body.length);
        assertThat(stamp).isBetween(before, MessageStamp.now());
    }

    @Test
    void aPacedQueueKeepsItsPace() {
        int messages = 0;
        long start = System.nanoTime();
        while (messages < 50) {
            messages += receive("paced-100", 10, 5).size();
        }
        assertThat(System.nanoTime() - start).isBetween(400_000_000L, 5_000_000_000L);
    }

    @Test
    void anActionItDoesNotKnowIsRefusedAsSqsWould() {
        assertThatThrownBy(() -> sqs.listQueues())
                .isInstanceOf(SqsException.class)
                .hasMessageContaining("ListQueues");
    }

    private List<Message> receive(String queue, int maximum, int waitSeconds) {
        return sqs.receiveMessage(request -> request.queueUrl(queueUrl(queue))
                        .maxNumberOfMessages(maximum)
                        .waitTimeSeconds(waitSeconds))
                .messages();
    }

    private String queueUrl(String queue) {
        return "http://127.0.0.1:" + server.port() + "/000000000000/" + queue;
    }
}
