package dev.millrace.kinesis;

import dev.millrace.batch.JsonBuffer;
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

    /** The record, using a buffer that is empty before and after. */
    byte[] write(SequenceNumber number, String partitionKey, byte[] data, Instant arrival, JsonBuffer out) {
        out.raw(PARTITION_KEY).string(partitionKey);
        out.raw(SEQUENCE_NUMBER).raw(number.digits());
        out.raw(DATA).base64(data);
        seconds(arrival, out.raw(ARRIVAL));
        return out.raw(eventId).raw(number.digits()).raw(tail).take();
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
