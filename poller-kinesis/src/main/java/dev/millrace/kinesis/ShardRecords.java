package dev.millrace.kinesis;

import dev.millrace.batch.JsonBuffer;
import dev.millrace.filter.RecordFilter;
import dev.millrace.invoke.Payload;
import dev.millrace.kinesis.AggregatedRecord.SubRecord;
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
 * @param deaggregate unpack aggregated records
 */
record ShardRecords(KinesisRecordJson json, RecordFilter filter, boolean deaggregate) {

    /** What a record's JSON has beside its data and keys. */
    private static final int RECORD_OVERHEAD = 1_024;

    /**
     * The records of an answer, in its order.
     *
     * @param from where the answer was asked for; sub-records up to a place inside an aggregated record are left out. That
     *     record is unpacked also when the mapping no longer wants it: it was begun so, and is ended so
     * @throws IllegalArgumentException when one of them is not as Kinesis's records are
     */
    List<StreamRecord> of(List<Record> answered, ReadPosition from) {
        if (answered.isEmpty()) {
            return List.of();
        }
        SequenceNumber inside =
                from instanceof ReadPosition.After(var number) && number.sub() > 0 ? number : null;
        List<StreamRecord> records = new ArrayList<>(answered.size());
        JsonBuffer buffer =
                new JsonBuffer(2 * answered.getFirst().data().asByteArrayUnsafe().length + RECORD_OVERHEAD);
        for (Record record : answered) {
            try {
                add(record, inside, records, buffer);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("record " + record.sequenceNumber() + " cannot be read: " + e, e);
            }
        }
        return records;
    }

    private void add(Record record, @Nullable SequenceNumber inside, List<StreamRecord> to, JsonBuffer buffer) {
        SequenceNumber number = SequenceNumber.of(record.sequenceNumber());
        byte[] data = record.data().asByteArrayUnsafe();
        int done = inside != null && inside.isSameRecord(number) ? inside.sub() : 0;
        List<SubRecord> parts = deaggregate || done > 0 ? AggregatedRecord.parse(data) : List.of();
        if (parts.isEmpty()) {
            // A whole record where a place inside it was asked for is not after that place.
            if (done == 0) {
                to.add(record(number, record.partitionKey(), data, record.approximateArrivalTimestamp(), buffer));
            }
            return;
        }
        for (int i = done; i < parts.size(); i++) {
            SubRecord part = parts.get(i);
            to.add(record(
                    number.subRecord(i + 1),
                    part.partitionKey(),
                    part.data(),
                    record.approximateArrivalTimestamp(),
                    buffer));
        }
    }

    private StreamRecord record(SequenceNumber number, String key, byte[] data, Instant arrival, JsonBuffer buffer) {
        byte[] written = json.write(number, key, data, arrival, buffer);
        return new StreamRecord(number, key, arrival, Payload.of(written), filter.matches(written));
    }
}
