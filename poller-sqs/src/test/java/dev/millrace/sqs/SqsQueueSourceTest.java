package dev.millrace.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.QueueSource.VisibilityChange;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.sqs.TestQueues.Queue;
import dev.millrace.testkit.ElasticMqServer;
import dev.millrace.testkit.Loopback;
import dev.millrace.testkit.QueueSourceContract;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

@SuppressWarnings("NullAway.Init") // JUnit sets the static fixture before any test
class SqsQueueSourceTest extends QueueSourceContract {

    private static TestQueues queues;

    @BeforeAll
    static void start() {
        queues = new TestQueues();
    }

    @AfterAll
    static void stop() {
        queues.close();
    }

    @Override
    protected TestQueue queue(boolean fifo, Duration visibilityTimeout, List<String> filterPatterns) {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("VisibilityTimeout", Long.toString(visibilityTimeout.toSeconds()));
        if (fifo) {
            attributes.put("FifoQueue", "true");
        }
        Queue queue = queues.create(attributes);
        QueueSource source = queues.open(queue.arn(), Duration.ZERO, filterPatterns);
        return new TestQueue() {
            @Override
            public QueueSource source() {
                return source;
            }

            @Override
            public String send(Outgoing message) {
                return queues.client.sendMessage(request(queue, message)).messageId();
            }
        };
    }

    private static SendMessageRequest request(Queue queue, Outgoing message) {
        SendMessageRequest.Builder request =
                SendMessageRequest.builder().queueUrl(queue.url()).messageBody(message.body());
        if (message.group() != null) {
            request.messageGroupId(message.group())
                    .messageDeduplicationId(UUID.randomUUID().toString());
        }
        if (message.traceHeader() != null) {
            request.messageSystemAttributes(Map.of(
                    MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                    MessageSystemAttributeValue.builder()
                            .dataType("String")
                            .stringValue(message.traceHeader())
                            .build()));
        }
        return request.build();
    }

    @Override
    protected QueueSource missing() {
        return queues.open(ElasticMqServer.arn("no-such-queue"), Duration.ZERO, List.of());
    }

    @Override
    protected QueueSource unreachable() {
        return queues.open(ElasticMqServer.arn("orders"), Duration.ZERO, List.of(), Loopback.nothingListens());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "{\"a\":[1,2,{\"b\":\"c\"}]}",
                "tabs\tand\r\nlines",
                "quotes \" and \\ backslashes",
                "é ß € 漢字 العربية",
                "😀👩‍👩‍👧‍👦🏳️‍🌈",
                "\u2028\u2029\u007f",
                "</script><!--",
            })
    void bodiesArriveUnchanged(String body) throws Exception {
        Queue queue = queues.create(Map.of());
        queues.client.sendMessage(request(queue, Outgoing.of(body)));

        assertThat(json(receiveOne(queues.open(queue))).path("body").textValue())
                .isEqualTo(body);
    }

    @Test
    void aBodyOfOneMebibyteArrives() throws Exception {
        Queue queue = queues.create(Map.of());
        String body = "x".repeat(1024 * 1024);
        queues.client.sendMessage(request(queue, Outgoing.of(body)));

        QueueMessage message = receiveOne(queues.open(queue));

        assertThat(message.json().size()).isGreaterThan(1024 * 1024);
        assertThat(json(message).path("body").textValue()).isEqualTo(body);
    }

    @Test
    void messageAttributesHaveAwsMembers() throws Exception {
        Queue queue = queues.create(Map.of());
        byte[] bytes = {0, 1, (byte) 0xff};
        queues.client.sendMessage(request -> request.queueUrl(queue.url())
                .messageBody("b")
                .messageAttributes(Map.of(
                        "text", attribute("String").stringValue("té\"xt").build(),
                        "number", attribute("Number.int").stringValue("42").build(),
                        "binary",
                                attribute("Binary")
                                        .binaryValue(SdkBytes.fromByteArray(bytes))
                                        .build())));

        JsonNode attributes = json(receiveOne(queues.open(queue))).path("messageAttributes");

        assertThat(attributes.path("text").toString())
                .isEqualTo("{\"stringValue\":\"té\\\"xt\",\"stringListValues\":[],\"binaryListValues\":[],"
                        + "\"dataType\":\"String\"}");
        assertThat(attributes.path("number").toString())
                .isEqualTo("{\"stringValue\":\"42\",\"stringListValues\":[],\"binaryListValues\":[],"
                        + "\"dataType\":\"Number.int\"}");
        assertThat(attributes.path("binary").toString())
                .isEqualTo("{\"binaryValue\":\"AAH/\",\"stringListValues\":[],\"binaryListValues\":[],"
                        + "\"dataType\":\"Binary\"}");
    }

    private static MessageAttributeValue.Builder attribute(String dataType) {
        return MessageAttributeValue.builder().dataType(dataType);
    }

    /** Spec 7.1: absent without a batching window, null with one. */
    @Test
    void theMd5OfNoAttributesIsAbsentOrNullDependingOnTheWindow() throws Exception {
        Queue queue = queues.create(Map.of());
        queues.client.sendMessage(request(queue, Outgoing.of("a")));
        queues.client.sendMessage(request(queue, Outgoing.of("b")));
        QueueSource withWindow = queues.open(queue.arn(), Duration.ofSeconds(1), List.of());

        assertThat(json(receiveOne(queues.open(queue))).has("md5OfMessageAttributes"))
                .isFalse();
        JsonNode record = json(receiveOne(withWindow));
        assertThat(record.has("md5OfMessageAttributes")).isTrue();
        assertThat(record.path("md5OfMessageAttributes").isNull()).isTrue();
    }

    @Test
    void groupsOfStandardQueuesMeanNoOrder() throws Exception {
        Queue queue = queues.create(Map.of());
        queues.client.sendMessage(
                request -> request.queueUrl(queue.url()).messageBody("fair").messageGroupId("tenant"));

        QueueMessage message = receiveOne(queues.open(queue));

        assertThat(message.messageGroupId()).isNull();
        assertThat(json(message).path("attributes").path("MessageGroupId").textValue())
                .isEqualTo("tenant");
    }

    @Test
    void redrivenMessagesNameTheirDeadLetterSource() throws Exception {
        Queue dead = queues.create(Map.of());
        Queue queue = queues.create(Map.of(
                "VisibilityTimeout",
                "0",
                "RedrivePolicy",
                "{\"deadLetterTargetArn\":\"" + dead.arn() + "\",\"maxReceiveCount\":1}"));
        queues.client.sendMessage(request(queue, Outgoing.of("poison")));
        QueueSource source = queues.open(queue);
        receiveOne(source);
        assertThat(source.receive(1, Duration.ofSeconds(1))).isEmpty();

        JsonNode record = json(receiveOne(queues.open(dead)));

        assertThat(record.path("attributes").path("DeadLetterQueueSourceArn").textValue())
                .isEqualTo(queue.arn());
        assertThat(record.path("eventSourceARN").textValue()).isEqualTo(dead.arn());
    }

    /** ElasticMQ refuses stale handles; SQS itself mostly takes them, and refuses malformed ones like this. */
    @Test
    void staleReceiptHandlesFailAlone() throws Exception {
        Queue queue = queues.create(Map.of());
        QueueSource source = queues.open(queue);
        queues.client.sendMessage(request(queue, Outgoing.of("a")));
        queues.client.sendMessage(request(queue, Outgoing.of("b")));
        List<QueueMessage> first = receive(source, 2);
        QueueMessage stale = first.getFirst();
        source.changeVisibility(List.of(new VisibilityChange(stale, Duration.ZERO)));
        receiveOne(source);

        Map<String, EntryFailure> changes = source.changeVisibility(List.of(
                new VisibilityChange(stale, Duration.ofMinutes(1)),
                new VisibilityChange(first.getLast(), Duration.ofMinutes(1))));
        Map<String, EntryFailure> deletes = source.delete(first);

        assertThat(changes).containsOnlyKeys(stale.messageId());
        assertThat(deletes).containsOnlyKeys(stale.messageId());
        assertThat(deletes.get(stale.messageId())).isEqualTo(new EntryFailure("ReceiptHandleIsInvalid", true));
    }

    @Test
    void problemsNameTheQueueAndTheRemedy() {
        assertThatProblem(
                () -> missing().describe(), Kind.NOT_FOUND, "no-such-queue", "Create it", "QueueDoesNotExist");
        assertThatProblem(() -> unreachable().describe(), Kind.UNAVAILABLE, "orders", "refused", "Check that it is up");
    }

    private static void assertThatProblem(Call call, Kind kind, String... words) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(SourceException.class, e -> {
            assertThat(e.problem().kind()).isEqualTo(kind);
            assertThat(e.problem().message()).contains(words);
        });
    }

    @Test
    void recordsAreCompact() throws Exception {
        Queue queue = queues.create(Map.of());
        queues.client.sendMessage(request(queue, Outgoing.of("é")));

        QueueMessage message = receiveOne(queues.open(queue));

        assertThat(new String(message.json().bytes(), StandardCharsets.UTF_8))
                .isEqualTo(json(message).toString());
    }
}
