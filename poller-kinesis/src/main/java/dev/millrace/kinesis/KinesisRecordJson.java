package dev.millrace.kinesis;

import dev.millrace.batch.JsonBuffer;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.source.SequenceNumber;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Writes records of one shard as they stand in the event, in AWS's order of members (spec 7.1). Immutable.
 *
 * <p>Sub-records of an aggregated record all bear the stream's number of that record, as in AWS's own events.
 */
final class KinesisRecordJson {

    private static final byte[] PARTITION_KEY =
            ascii("{\"kinesis\":{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":");
    private static final byte[] SEQUENCE_NUMBER = ascii(",\"sequenceNumber\":\"");
    private static final byte[] DATA = ascii("\",\"data\":");
    private static final byte[] ARRIVAL = ascii(",\"approximateArrivalTimestamp\":");

    /** A dot and three digits. */
    private static final int MILLIS_LENGTH = 4;

    /** Ids of shards are letters, digits, dots, hyphens and underscores: they need no escapes. */
    private final byte[] eventId;

    private final byte[] tail;

    private KinesisRecordJson(byte[] eventId, byte[] tail) {
        this.eventId = eventId;
        this.tail = tail;
    }

    /**
     * What is the same in all records of a stream, given once for all of its shards.
     *
     * @param source what the mapping names as its event source: the stream or its consumer
     * @param identity ARN of the role that {@code invokeIdentityArn} names
     */
    static KinesisRecordJson of(Arn source, String region, String identity) {
        byte[] tail = new JsonBuffer(256)
                .raw("\",\"eventName\":\"aws:kinesis:record\",\"invokeIdentityArn\":")
                .string(identity)
                .raw(",\"awsRegion\":")
                .string(region)
                .raw(",\"eventSourceARN\":")
                .string(source.toString())
                .raw('}')
                .take();
        return new KinesisRecordJson(new byte[0], tail);
    }

    /** The same for one shard. */
    KinesisRecordJson forShard(String shardId) {
        return new KinesisRecordJson(
                ascii("},\"eventSource\":\"aws:kinesis\",\"eventVersion\":\"1.0\",\"eventID\":\"" + shardId + ":"),
                tail);
    }

    /**
     * The record, written whenever it is asked for: until then it holds the data as it came, which is half as long for small
     * records, and many of them wait.
     */
    Payload of(SequenceNumber number, String partitionKey, byte[] data, Instant arrival) {
        return new Written(number, partitionKey, data, arrival);
    }

    private int lengthOf(SequenceNumber number, String partitionKey, byte[] data, Instant arrival) {
        return PARTITION_KEY.length
                + JsonBuffer.lengthOf(partitionKey)
                + SEQUENCE_NUMBER.length
                + number.digits().length()
                + DATA.length
                + JsonBuffer.lengthOfBase64(data)
                + ARRIVAL.length
                + JsonBuffer.lengthOf(arrival.getEpochSecond())
                + MILLIS_LENGTH
                + eventId.length
                + number.digits().length()
                + tail.length;
    }

    private void write(SequenceNumber number, String partitionKey, byte[] data, Instant arrival, JsonBuffer out) {
        out.raw(PARTITION_KEY).string(partitionKey);
        out.raw(SEQUENCE_NUMBER).raw(number.digits());
        out.raw(DATA).base64(data);
        seconds(arrival, out.raw(ARRIVAL));
        out.raw(eventId).raw(number.digits()).raw(tail);
    }

    /** One record. */
    private final class Written extends Payload {

        private final SequenceNumber number;
        private final String partitionKey;
        private final byte[] data;
        private final Instant arrival;
        private final int size;

        private Written(SequenceNumber number, String partitionKey, byte[] data, Instant arrival) {
            this.number = number;
            this.partitionKey = partitionKey;
            this.data = data;
            this.arrival = arrival;
            this.size = lengthOf(number, partitionKey, data, arrival);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        protected void copyTo(byte[] array, int from) {
            JsonBuffer out = JsonBuffer.into(array, from);
            write(number, partitionKey, data, arrival, out);
            if (out.end() != from + size) {
                throw new IllegalStateException(
                        "record " + number + " takes " + (out.end() - from) + " bytes instead of " + size);
            }
        }
    }

    /** Seconds with three decimals, also where they are zeros, as in AWS's samples. */
    private static void seconds(Instant time, JsonBuffer out) {
        int milliseconds = time.getNano() / 1_000_000;
        out.number(time.getEpochSecond())
                .raw('.')
                .raw((char) ('0' + milliseconds / 100))
                .raw((char) ('0' + milliseconds / 10 % 10))
                .raw((char) ('0' + milliseconds % 10));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
