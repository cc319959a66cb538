package dev.millrace.sqs;

import dev.millrace.batch.JsonBuffer;
import dev.millrace.mapping.Arn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** Writes messages of one queue as they stand in the event, in AWS's order of members (spec 7.1). Immutable. */
final class SqsRecordJson {

    private static final byte[] MESSAGE_ID = ascii("{\"messageId\":");
    private static final byte[] RECEIPT_HANDLE = ascii(",\"receiptHandle\":");
    private static final byte[] BODY = ascii(",\"body\":");
    private static final byte[] ATTRIBUTES = ascii(",\"attributes\":{");
    private static final byte[] MESSAGE_ATTRIBUTES = ascii("},\"messageAttributes\":{");
    private static final byte[] MD5_OF_BODY = ascii("},\"md5OfBody\":");
    private static final byte[] MD5_OF_ATTRIBUTES = ascii(",\"md5OfMessageAttributes\":");
    private static final byte[] STRING_VALUE = ascii("{\"stringValue\":");
    private static final byte[] BINARY_VALUE = ascii("{\"binaryValue\":");
    private static final byte[] LISTS = ascii(",\"stringListValues\":[],\"binaryListValues\":[],\"dataType\":");
    private static final byte[] NULL = ascii("null");

    /** Most events have these in this order; others follow as the queue answered. */
    private static final List<String> ORDER = List.of(
            "ApproximateReceiveCount",
            "AWSTraceHeader",
            "SentTimestamp",
            "SequenceNumber",
            "MessageGroupId",
            "SenderId",
            "MessageDeduplicationId",
            "ApproximateFirstReceiveTimestamp",
            "DeadLetterQueueSourceArn");

    private static final List<byte[]> ORDERED_KEYS =
            ORDER.stream().map(name -> ascii('"' + name + "\":")).toList();
    private static final Set<String> ORDERED = Set.copyOf(ORDER);

    private final byte[] tail;
    private final boolean nullMd5;

    /**
     * What is the same in all messages of a queue.
     *
     * @param nullMd5 whether {@code md5OfMessageAttributes} of a message without attributes is an explicit null, as AWS
     *     does with a batching window, or absent, as AWS does without one
     */
    SqsRecordJson(Arn queue, String region, boolean nullMd5) {
        this.tail = new JsonBuffer(256)
                .raw(ascii(",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":"))
                .string(queue.toString())
                .raw(ascii(",\"awsRegion\":"))
                .string(region)
                .raw('}')
                .take();
        this.nullMd5 = nullMd5;
    }

    /** The record, using a buffer that is empty before and after. */
    byte[] write(Message message, JsonBuffer out) {
        out.raw(MESSAGE_ID);
        text(message.messageId(), out);
        out.raw(RECEIPT_HANDLE);
        text(message.receiptHandle(), out);
        out.raw(BODY);
        text(message.body(), out);
        out.raw(ATTRIBUTES);
        attributes(message.attributesAsStrings(), out);
        out.raw(MESSAGE_ATTRIBUTES);
        messageAttributes(message.messageAttributes(), out);
        out.raw(MD5_OF_BODY);
        text(message.md5OfBody(), out);
        String md5 = message.md5OfMessageAttributes();
        if (md5 != null || nullMd5) {
            out.raw(MD5_OF_ATTRIBUTES);
            text(md5, out);
        }
        return out.raw(tail).take();
    }

    private static void attributes(Map<String, String> attributes, JsonBuffer out) {
        int written = 0;
        for (int i = 0; i < ORDER.size(); i++) {
            String value = attributes.get(ORDER.get(i));
            if (value != null) {
                separate(written++, out).raw(ORDERED_KEYS.get(i)).string(value);
            }
        }
        if (written == attributes.size()) {
            return;
        }
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            if (!ORDERED.contains(attribute.getKey())) {
                separate(written++, out).string(attribute.getKey()).raw(':').string(attribute.getValue());
            }
        }
    }

    private static void messageAttributes(Map<String, MessageAttributeValue> attributes, JsonBuffer out) {
        int written = 0;
        for (Map.Entry<String, MessageAttributeValue> attribute : attributes.entrySet()) {
            MessageAttributeValue value = attribute.getValue();
            separate(written++, out).string(attribute.getKey()).raw(':');
            if (value.binaryValue() == null) {
                out.raw(STRING_VALUE);
                text(value.stringValue(), out);
            } else {
                out.raw(BINARY_VALUE).base64(value.binaryValue().asByteArrayUnsafe());
            }
            out.raw(LISTS);
            text(value.dataType(), out);
            out.raw('}');
        }
    }

    private static JsonBuffer separate(int written, JsonBuffer out) {
        return written == 0 ? out : out.raw(',');
    }

    private static void text(@Nullable String text, JsonBuffer out) {
        if (text == null) {
            out.raw(NULL);
        } else {
            out.string(text);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
