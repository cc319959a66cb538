package dev.millrace.bench.server.kinesis;

import dev.millrace.bench.server.DecimalDigits;
import dev.millrace.bench.server.HttpResponse;
import java.nio.charset.StandardCharsets;

/**
 * A pre-built {@code GetRecords} answer, in which only sequence numbers, partition keys, arrival times and the next iterator
 * are overwritten per answer. Confined to the loop's thread.
 *
 * <p>The record at position <i>p</i> of any shard has a sequence number that ends in <i>p</i>, so they ascend without gaps,
 * and a partition key of its own within a hundred million records, so keys spread evenly over lanes. Records stand at the
 * answer's end: a shorter answer is the same bytes, cut.
 */
final class CannedRecords {
    /** Kinesis's sequence numbers have 56 digits. */
    private static final String SEQUENCE_PREFIX =
            "4966375419702043805871163024".repeat(2).substring(0, 40);

    private static final String KEY_PREFIX = "device-";
    private static final int COUNTER_DIGITS = 16;
    private static final int KEY_DIGITS = 8;

    /** What a consumer is told that it lags behind: more is waiting. */
    private static final long BEHIND_MILLIS = 1_000;

    private final WireFormat format;
    private final int capacity;
    private final byte[] bytes;
    private final byte[] end;
    private final int bodyStart;
    private final int iterator;
    private final int firstRecord;

    /** From one record to the next; the other three count from a record's beginning. */
    private int stride;

    private int sequenceInRecord;
    private int keyInRecord;
    private int timeInRecord;

    /** The bytes that the last answer's end has overwritten, and where. */
    private final byte[] covered;

    private int coveredAt;

    /**
     * Builds the longest answer.
     *
     * @param capacity its records, possibly 0
     * @param recordBytes data of each record
     */
    CannedRecords(WireFormat format, int capacity, int recordBytes) {
        this.format = format;
        this.capacity = capacity;
        WireWriter writer = format.writer();
        writer.raw(format.head());
        bodyStart = writer.size();
        writer.beginMap(3);
        writer.name("MillisBehindLatest", true);
        writer.number(capacity == 0 ? 0 : BEHIND_MILLIS);
        writer.name("NextShardIterator", false);
        iterator = writer.textOffset(ShardIterators.LENGTH)
                + ShardIterators.LENGTH
                - ShardIterators.SHARD_DIGITS
                - ShardIterators.POSITION_DIGITS;
        writer.text(ShardIterators.of(0, 0));
        writer.name("Records", false);
        writer.beginList();
        firstRecord = writer.size();
        byte[] data = data(recordBytes);
        for (int i = 0; i < capacity; i++) {
            writer.beginItem(i == 0);
            int start = writer.size();
            record(writer, data, start);
            stride = writer.size() - start + format.separatorLength();
        }
        end = format.end();
        coveredAt = writer.size();
        covered = end.clone();
        writer.raw(end);
        bytes = writer.toByteArray();
    }

    /** Of the record at {@code position}. */
    static String sequenceNumber(long position) {
        return SEQUENCE_PREFIX + "%016d".formatted(position);
    }

    /** The position of the record with this sequence number. */
    static long position(String sequenceNumber) {
        return Long.parseLong(sequenceNumber, SEQUENCE_PREFIX.length(), SEQUENCE_PREFIX.length() + COUNTER_DIGITS, 10);
    }

    private void record(WireWriter writer, byte[] data, int start) {
        writer.beginMap(4);
        writer.name("ApproximateArrivalTimestamp", true);
        timeInRecord = writer.size() + format.timePrefix() - start;
        writer.time(System.currentTimeMillis());
        writer.name("Data", false);
        writer.binary(data);
        writer.name("PartitionKey", false);
        keyInRecord = writer.textOffset(KEY_PREFIX.length() + KEY_DIGITS) + KEY_PREFIX.length() - start;
        writer.text(KEY_PREFIX + "0".repeat(KEY_DIGITS));
        writer.name("SequenceNumber", false);
        String sequenceNumber = sequenceNumber(0);
        sequenceInRecord = writer.textOffset(sequenceNumber.length()) + SEQUENCE_PREFIX.length() - start;
        writer.text(sequenceNumber);
        writer.endMap();
    }

    private static byte[] data(int length) {
        String start = "{\"order\":\"o-4711\",\"customer\":\"c-0815\",\"note\":\"";
        String text = start + ".".repeat(Math.max(0, length - start.length() - 2)) + "\"}";
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Makes {@link #bytes} an answer.
     *
     * @param position of the first record
     * @param limit how many records at most
     * @return the answer's length
     */
    int answer(int shard, long position, int limit) {
        int count = Math.min(limit, capacity);
        System.arraycopy(covered, 0, bytes, coveredAt, covered.length);
        byte[] now = format.time(System.currentTimeMillis());
        for (int i = 0, at = firstRecord; i < count; i++, at += stride) {
            DecimalDigits.write16(position + i, bytes, at + sequenceInRecord);
            DecimalDigits.write8(position + i, bytes, at + keyInRecord);
            System.arraycopy(now, 0, bytes, at + timeInRecord, now.length);
        }
        DecimalDigits.write8(shard, bytes, iterator);
        DecimalDigits.write16(position + count, bytes, iterator + ShardIterators.SHARD_DIGITS);
        return cut(count);
    }

    private int cut(int count) {
        coveredAt = firstRecord + (count == 0 ? 0 : count * stride - format.separatorLength());
        System.arraycopy(bytes, coveredAt, covered, 0, covered.length);
        System.arraycopy(end, 0, bytes, coveredAt, end.length);
        int length = coveredAt + end.length;
        HttpResponse.writeLength(bytes, bodyStart, length - bodyStart);
        return length;
    }

    /** How many records an answer of this limit has. */
    int count(int limit) {
        return Math.min(limit, capacity);
    }

    /** Overwritten by the next answer. */
    byte[] bytes() {
        return bytes;
    }
}
