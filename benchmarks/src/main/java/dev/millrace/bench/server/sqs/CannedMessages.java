package dev.millrace.bench.server.sqs;

import dev.millrace.bench.server.HttpResponse;
import dev.millrace.bench.server.MessageStamp;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Pre-built {@code ReceiveMessage} answers of 0 to 10 messages with 100-byte JSON bodies, in which only ids, receipt
 * handles, and if wanted time stamps and digests, are overwritten per answer. Every message has an id of its own.
 * Confined to the loop's thread.
 *
 * <p>A message is shaped as SQS sends it when all system attributes are asked for, which a poller must do because
 * Lambda's event carries them.
 */
final class CannedMessages {
    /** SQS's own limit of {@code MaxNumberOfMessages}. */
    static final int MAX_MESSAGES = 10;

    static final int BODY_BYTES = 100;

    private static final int COUNTER_DIGITS = 12;
    private static final int DIGEST_DIGITS = 32;
    private static final String ID_PREFIX = "5ea1ab1e-0000-4000-8000-";
    /** Receipt handles of SQS are about this long. */
    private static final String HANDLE_PREFIX = "AQEB" + "wJnKyrHigUMZj6rYigCgxlaS3SLy0a".repeat(5);

    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] HEX_DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final String body;
    private final byte[] bodyBytes;
    private final MessageDigest md5 = md5();
    private final Answer[] answers = new Answer[MAX_MESSAGES + 1];
    private long counter;

    CannedMessages() {
        body = bodyOf(MessageStamp.now());
        bodyBytes = body.getBytes(StandardCharsets.US_ASCII);
        for (int count = 0; count <= MAX_MESSAGES; count++) {
            answers[count] = build(count);
        }
    }

    /** An answer whose bytes are overwritten by the next one of the same size. */
    byte[] answer(int count) {
        Answer answer = answers[count];
        for (int id : answer.ids) {
            writeCounter(answer.bytes, id, counter);
            writeCounter(answer.bytes, id + answer.handleAfterId, counter);
            counter++;
        }
        return answer.bytes;
    }

    /** Like {@link #answer}, with one time stamp per message, the first at {@code from} of {@code visibleAt}. */
    byte[] stampedAnswer(long[] visibleAt, int from, int count) {
        byte[] bytes = answer(count);
        Answer answer = answers[count];
        for (int i = 0; i < count; i++) {
            long stamp = visibleAt[from + i];
            MessageStamp.write(stamp, bytes, answer.ids[i] + answer.stampAfterId);
            MessageStamp.write(stamp, bodyBytes, body.indexOf(':') + 1);
            byte[] digest = HEX.formatHex(md5.digest(bodyBytes)).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digest, 0, bytes, answer.ids[i] + answer.digestAfterId, DIGEST_DIGITS);
        }
        return bytes;
    }

    private static String bodyOf(long stamp) {
        String start = "{\"visibleAt\":" + stamp + ",\"order\":\"o-4711\",\"customer\":\"c-0815\",\"note\":\"";
        return start + ".".repeat(BODY_BYTES - start.length() - 2) + "\"}";
    }

    private Answer build(int count) {
        String digest = HEX.formatHex(md5.digest(bodyBytes));
        String escaped = body.replace("\"", "\\\"");
        String zeros = "0".repeat(COUNTER_DIGITS);
        String sent = Long.toString(System.currentTimeMillis());
        String message = "{\"MessageId\":\"" + ID_PREFIX + zeros + "\",\"ReceiptHandle\":\"" + HANDLE_PREFIX + zeros
                + "==\",\"MD5OfBody\":\"" + digest + "\",\"Body\":\"" + escaped
                + "\",\"Attributes\":{\"SenderId\":\"AIDAIENQZJOLO23YVJ4VO\",\"ApproximateFirstReceiveTimestamp\":\""
                + sent + "\",\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":\"" + sent + "\"}}";
        String all = count == 0 ? "{}" : "{\"Messages\":[" + (message + ",").repeat(count - 1) + message + "]}";
        byte[] bytes = HttpResponse.of("200 OK", "application/x-amz-json-1.0", all);

        int id = message.indexOf(ID_PREFIX) + ID_PREFIX.length();
        int handle = message.indexOf(HANDLE_PREFIX) + HANDLE_PREFIX.length();
        int[] ids = new int[count];
        int first = bytes.length - all.length() + "{\"Messages\":[".length() + id;
        Arrays.setAll(ids, i -> first + i * (message.length() + 1));
        return new Answer(
                bytes, ids, handle - id, message.indexOf(digest) - id, message.indexOf("visibleAt") + 12 - id);
    }

    private static void writeCounter(byte[] bytes, int at, long value) {
        for (int i = at + COUNTER_DIGITS - 1, shift = 0; i >= at; i--, shift += 4) {
            bytes[i] = HEX_DIGITS[(int) (value >>> shift) & 0xF];
        }
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
    }

    /**
     * One pre-built response.
     *
     * @param ids where each message's counter stands; the other places follow at fixed distances
     */
    @SuppressWarnings("ArrayRecordComponent") // Private, never compared; the arrays are the point.
    private record Answer(byte[] bytes, int[] ids, int handleAfterId, int digestAfterId, int stampAfterId) {}
}
