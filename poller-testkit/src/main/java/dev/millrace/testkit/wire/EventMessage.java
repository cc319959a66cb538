package dev.millrace.testkit.wire;

import dev.millrace.invoke.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Messages of {@code application/vnd.amazon.eventstream}: lengths and their checksum, headers, payload, checksum of it all. Every
 * number is big-endian.
 */
public final class EventMessage {

    public static final String CONTENT_TYPE = "application/vnd.amazon.eventstream";

    private static final int PRELUDE = 12;
    private static final int CHECKSUM = 4;
    private static final byte TEXT = 7;

    private EventMessage() {}

    /** A message that brings something, such as {@code initial-response}. */
    public static Payload event(String type, Protocol protocol, Answer payload) {
        return encode("event", ":event-type", type, protocol, payload);
    }

    /** A message that ends the stream with an error. */
    public static Payload exception(String type, Protocol protocol, Answer payload) {
        return encode("exception", ":exception-type", type, protocol, payload);
    }

    private static Payload encode(String kind, String typeHeader, String type, Protocol protocol, Answer payload) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(":message-type", kind);
        headers.put(typeHeader, type);
        headers.put(":content-type", protocol.contentType());
        return encode(headers, protocol.write(payload).bytes());
    }

    private static Payload encode(Map<String, String> headers, byte[] payload) {
        int headersLength = headers.entrySet().stream()
                .mapToInt(header ->
                        1 + header.getKey().length() + 1 + 2 + header.getValue().length())
                .sum();
        ByteBuffer message = ByteBuffer.allocate(PRELUDE + headersLength + payload.length + CHECKSUM);
        message.putInt(message.capacity()).putInt(headersLength);
        message.putInt(checksum(message));
        headers.forEach((name, value) -> {
            message.put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
            message.put(TEXT).putShort((short) value.length()).put(value.getBytes(StandardCharsets.US_ASCII));
        });
        message.put(payload);
        message.putInt(checksum(message));
        return Payload.of(message.array());
    }

    /** The checksum of what the buffer holds so far. */
    private static int checksum(ByteBuffer written) {
        CRC32 checksum = new CRC32();
        checksum.update(written.duplicate().flip());
        return (int) checksum.getValue();
    }
}
