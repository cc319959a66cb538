package dev.millrace.kinesis;

import dev.millrace.filter.RecordFilter;
import dev.millrace.invoke.Payload;
import dev.millrace.kinesis.AggregatedRecord.SubRecord;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Makes core's records of what one shard answered: serialised once, filtered, and unpacked where the mapping wants it.
 * Immutable.
 *
 * @param keying whether aggregated records are unpacked
 */
record ShardRecords(KinesisRecordJson json, RecordFilter filter, Keying keying) {

    /**
     * The records of an answer, in its order.
     *
     * @param from where the answer was asked for; what is not after this place is left out. A record inside of which it is
     *     gets unpacked also when the mapping no longer wants that: it was begun so, and is ended so
     * @throws IllegalArgumentException when one of them is not as Kinesis's records are
     */
    List<StreamRecord> of(List<Record> answered, ReadPosition from) {
        if (answered.isEmpty()) {
            return List.of();
        }
        SequenceNumber after = from instanceof ReadPosition.After(var number) ? number : null;
        List<StreamRecord> records = new ArrayList<>(answered.size());
        for (Record record : answered) {
            try {
                // Numbers ascend: once one is after the place, all others are.
                after = add(record, after, records) ? null : after;
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("record " + record.sequenceNumber() + " cannot be read: " + e, e);
            }
        }
        return records;
    }

    /** Adds what is after the place, or all when it is null; tells whether that was anything. */
    private boolean add(Record record, @Nullable SequenceNumber after, List<StreamRecord> to) {
        SequenceNumber number = SequenceNumber.of(record.sequenceNumber());
        byte[] data = record.data().asByteArrayUnsafe();
        int done = after != null && after.isSameRecord(number) ? after.sub() : 0;
        boolean unpack = keying == Keying.UNPACKED || done > 0;
        List<SubRecord> parts = unpack ? AggregatedRecord.parse(data) : List.of();
        if (after != null && !number.isAfter(after) && (done == 0 || done >= parts.size())) {
            return false;
        }
        Instant arrival = record.approximateArrivalTimestamp();
        if (parts.isEmpty()) {
            to.add(record(number, record.partitionKey(), data, arrival));
        }
        for (int i = done; i < parts.size(); i++) {
            SubRecord part = parts.get(i);
            to.add(record(number.subRecord(i + 1), part.partitionKey(), part.data(), arrival));
        }
        return true;
    }

    private StreamRecord record(SequenceNumber number, String key, byte[] data, Instant arrival) {
        Payload payload = json.of(number, key, data, arrival);
        boolean matched = filter == RecordFilter.NONE || filter.matches(payload.bytes());
        return new StreamRecord(number, key, arrival, payload, matched);
    }
}
