package dev.millrace.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.MessageAttribute;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.millrace.batch.JsonBuffer;
import dev.millrace.mapping.Arn;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** AWS's own event classes read what we write, field by field. */
class SqsEventTest {

    private static final String ARN = "arn:aws:sqs:us-east-2:123456789012:orders.fifo";
    private static final PojoSerializer<SQSEvent> AWS =
            LambdaEventSerializers.serializerFor(SQSEvent.class, SqsEventTest.class.getClassLoader());

    @Test
    void everyFieldArrives() {
        Message message = full().build();

        SQSMessage read = read(List.of(message), false).getRecords().getFirst();

        assertThat(read.getMessageId()).isEqualTo(message.messageId());
        assertThat(read.getReceiptHandle()).isEqualTo(message.receiptHandle());
        assertThat(read.getBody()).isEqualTo(message.body());
        assertThat(read.getMd5OfBody()).isEqualTo(message.md5OfBody());
        assertThat(read.getMd5OfMessageAttributes()).isEqualTo(message.md5OfMessageAttributes());
        assertThat(read.getEventSource()).isEqualTo("aws:sqs");
        assertThat(read.getEventSourceArn()).isEqualTo(ARN);
        assertThat(read.getAwsRegion()).isEqualTo("us-east-2");
        assertThat(read.getAttributes()).isEqualTo(message.attributesAsStrings());
        assertThat(read.getMessageAttributes()).containsOnlyKeys("text", "number", "binary");
        MessageAttribute text = attribute(read, "text");
        assertThat(text.getStringValue()).isEqualTo("té\"xt");
        assertThat(text.getDataType()).isEqualTo("String");
        assertThat(text.getStringListValues()).isEmpty();
        assertThat(text.getBinaryListValues()).isEmpty();
        assertThat(attribute(read, "number").getStringValue()).isEqualTo("42");
        assertThat(attribute(read, "number").getDataType()).isEqualTo("Number");
        assertThat(attribute(read, "binary").getBinaryValue().array()).containsExactly(0, 1, 0xff);
        assertThat(attribute(read, "binary").getDataType()).isEqualTo("Binary");
    }

    private static MessageAttribute attribute(SQSMessage message, String name) {
        return Objects.requireNonNull(message.getMessageAttributes().get(name));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void messagesWithoutAttributesArrive(boolean window) {
        SQSMessage read = read(List.of(bare("plain")), window).getRecords().getFirst();

        assertThat(read.getMessageAttributes()).isEmpty();
        assertThat(read.getMd5OfMessageAttributes()).isNull();
    }

    @Test
    void aBatchKeepsItsOrder() {
        List<Message> messages = new ArrayList<>();
        for (String body : List.of("one", "{\"two\":2}", "", "😀", "line\nbreak", "\u0000\u001f", "lone \ud800 half")) {
            messages.add(bare(body));
        }

        assertThat(read(messages, false).getRecords())
                .extracting(SQSMessage::getBody)
                .isEqualTo(messages.stream().map(Message::body).toList());
    }

    @Test
    void membersStandInAwsOrder() {
        assertThat(json(full().build(), false))
                .isEqualTo("{\"messageId\":\"059f36b4-87a3-44ab-83d2-661975830a7d\",\"receiptHandle\":\"AQEB/x+y==\","
                        + "\"body\":\"he said \\\"hi\\\"\\n\",\"attributes\":{\"ApproximateReceiveCount\":\"1\","
                        + "\"AWSTraceHeader\":\"Root=1-5759e988-bd862e3fe1be46a994272793\","
                        + "\"SentTimestamp\":\"1767322800000\",\"SequenceNumber\":\"18849496460467696128\","
                        + "\"MessageGroupId\":\"1\",\"SenderId\":\"AIDA\",\"MessageDeduplicationId\":\"1\","
                        + "\"ApproximateFirstReceiveTimestamp\":\"1767322800005\",\"SomethingNew\":\"x\"},"
                        + "\"messageAttributes\":{\"text\":{\"stringValue\":\"té\\\"xt\",\"stringListValues\":[],"
                        + "\"binaryListValues\":[],\"dataType\":\"String\"},\"number\":{\"stringValue\":\"42\","
                        + "\"stringListValues\":[],\"binaryListValues\":[],\"dataType\":\"Number\"},"
                        + "\"binary\":{\"binaryValue\":\"AAH/\",\"stringListValues\":[],\"binaryListValues\":[],"
                        + "\"dataType\":\"Binary\"}},\"md5OfBody\":\"e4e68fb7bd0e697a0ae8f1bb342846b3\","
                        + "\"md5OfMessageAttributes\":\"b25f48e8\",\"eventSource\":\"aws:sqs\","
                        + "\"eventSourceARN\":\"" + ARN + "\",\"awsRegion\":\"us-east-2\"}");
    }

    /** Spec 7.1: absent without a batching window, null with one. */
    @Test
    void theMd5OfNoAttributesIsAbsentOrNullDependingOnTheWindow() {
        assertThat(json(bare("b"), false)).contains("\"messageAttributes\":{},\"md5OfBody\":\"m\",\"eventSource\"");
        assertThat(json(bare("b"), true))
                .contains("\"md5OfBody\":\"m\",\"md5OfMessageAttributes\":null,\"eventSource\"");
    }

    private static Message bare(String body) {
        return Message.builder()
                .messageId("id")
                .receiptHandle("handle")
                .body(body)
                .md5OfBody("m")
                .attributesWithStrings(Map.of("ApproximateReceiveCount", "1"))
                .build();
    }

    private static Message.Builder full() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("SomethingNew", "x");
        attributes.put("SenderId", "AIDA");
        attributes.put("ApproximateFirstReceiveTimestamp", "1767322800005");
        attributes.put("ApproximateReceiveCount", "1");
        attributes.put("SentTimestamp", "1767322800000");
        attributes.put("SequenceNumber", "18849496460467696128");
        attributes.put("MessageGroupId", "1");
        attributes.put("MessageDeduplicationId", "1");
        attributes.put("AWSTraceHeader", "Root=1-5759e988-bd862e3fe1be46a994272793");
        Map<String, MessageAttributeValue> messageAttributes = new LinkedHashMap<>();
        messageAttributes.put("text", value("String").stringValue("té\"xt").build());
        messageAttributes.put("number", value("Number").stringValue("42").build());
        messageAttributes.put(
                "binary",
                value("Binary")
                        .binaryValue(SdkBytes.fromByteArray(new byte[] {0, 1, (byte) 0xff}))
                        .build());
        return Message.builder()
                .messageId("059f36b4-87a3-44ab-83d2-661975830a7d")
                .receiptHandle("AQEB/x+y==")
                .body("he said \"hi\"\n")
                .attributesWithStrings(attributes)
                .messageAttributes(messageAttributes)
                .md5OfBody("e4e68fb7bd0e697a0ae8f1bb342846b3")
                .md5OfMessageAttributes("b25f48e8");
    }

    private static MessageAttributeValue.Builder value(String dataType) {
        return MessageAttributeValue.builder().dataType(dataType);
    }

    private static SQSEvent read(List<Message> messages, boolean window) {
        String event = messages.stream()
                .map(message -> json(message, window))
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
        return AWS.fromJson(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)));
    }

    private static String json(Message message, boolean window) {
        SqsRecordJson json = new SqsRecordJson(Arn.parse(ARN).orElseThrow(), "us-east-2", window);
        return new String(json.write(message, new JsonBuffer(64)), StandardCharsets.UTF_8);
    }
}
