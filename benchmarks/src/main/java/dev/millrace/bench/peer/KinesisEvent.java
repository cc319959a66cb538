package dev.millrace.bench.peer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * The event that Lambda gets for a batch of records of one shard, written in the plainest cheap way: nothing is escaped,
 * because the canned stream's partition keys need none. Grows as needed and is used again. Not thread-safe.
 */
public final class KinesisEvent {
    private static final int FIRST_BYTES = 64 * 1024;
    private static final byte[] START = ascii("{\"Records\":[");
    private static final byte[] PARTITION_KEY =
            ascii("{\"kinesis\":{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":\"");
    private static final byte[] SEQUENCE_NUMBER = ascii("\",\"sequenceNumber\":\"");
    private static final byte[] DATA = ascii("\",\"data\":\"");
    private static final byte[] ARRIVAL = ascii("\",\"approximateArrivalTimestamp\":");
    private static final byte[] END = ascii("]}");

    private final byte[] eventId;
    private final byte[] rest;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    private int records;

    /** Of a shard, such as {@code shardId-000000000000}, of the canned stream. */
    public KinesisEvent(String shardId) {
        eventId = ascii("},\"eventSource\":\"aws:kinesis\",\"eventVersion\":\"1.0\",\"eventID\":\"" + shardId + ":");
        rest = ascii("\",\"eventName\":\"aws:kinesis:record\",\"invokeIdentityArn\":"
                + "\"arn:aws:iam::000000000000:role/bench-fn\",\"awsRegion\":\"us-east-1\",\"eventSourceARN\":"
                + "\"arn:aws:kinesis:us-east-1:000000000000:stream/bench\"}");
    }

    /** Begins the event of another batch. */
    public void clear() {
        length = 0;
        records = 0;
        append(START);
    }

    public void add(String partitionKey, String sequenceNumber, byte[] data, Instant arrival) {
        if (records++ > 0) {
            append((byte) ',');
        }
        byte[] number = ascii(sequenceNumber);
        append(PARTITION_KEY);
        append(ascii(partitionKey));
        append(SEQUENCE_NUMBER);
        append(number);
        append(DATA);
        append(Base64.getEncoder().encode(data));
        append(ARRIVAL);
        appendSeconds(arrival);
        append(eventId);
        append(number);
        append(rest);
    }

    private void appendSeconds(Instant time) {
        append(ascii(Long.toString(time.getEpochSecond())));
        append((byte) '.');
        int millis = time.getNano() / 1_000_000;
        append((byte) ('0' + millis / 100));
        append((byte) ('0' + millis / 10 % 10));
        append((byte) ('0' + millis % 10));
    }

    /** Ends the event, which {@link #bytes} then holds. */
    public void finish() {
        append(END);
    }

    public int records() {
        return records;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    private void append(byte letter) {
        ensure(1);
        bytes[length++] = letter;
    }

    private void append(byte[] piece) {
        ensure(piece.length);
        System.arraycopy(piece, 0, bytes, length, piece.length);
        length += piece.length;
    }

    private void ensure(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
