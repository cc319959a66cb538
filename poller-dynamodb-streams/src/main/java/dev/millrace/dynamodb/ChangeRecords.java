package dev.millrace.dynamodb;

import dev.millrace.filter.RecordFilter;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.model.Record;

/**
 * Makes core's records of what a shard answered: serialised once, and filtered. Immutable.
 *
 * @param region for records that do not tell theirs
 */
record ChangeRecords(String region, RecordFilter filter) {

    /**
     * The records of an answer, in its order.
     *
     * @param from where the answer was asked for; what is before this place is left out. DynamoDB has no iterator at a time,
     *     so all that the shard still has of earlier times is answered as well
     * @param streamArn the stream's own
     * @throws IllegalArgumentException when one of them is not as DynamoDB's records are
     */
    List<StreamRecord> of(List<Record> answered, ReadPosition from, String streamArn) {
        if (answered.isEmpty()) {
            return List.of();
        }
        ChangeJson json = new ChangeJson(streamArn, region);
        List<StreamRecord> records = new ArrayList<>(answered.size());
        for (Record record : answered) {
            try {
                // Once one is behind the place, all others are.
                if (!records.isEmpty() || isBehind(record, from)) {
                    records.add(record(record, json));
                }
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("record " + record.eventID() + " cannot be read: " + e, e);
            }
        }
        return records;
    }

    private static boolean isBehind(Record record, ReadPosition from) {
        return switch (from) {
            case ReadPosition.TrimHorizon() -> true;
            case ReadPosition.AtTimestamp(var time) ->
                !record.dynamodb().approximateCreationDateTime().isBefore(time);
            case ReadPosition.After(var number) ->
                SequenceNumber.of(record.dynamodb().sequenceNumber()).isAfter(number);
        };
    }

    private StreamRecord record(Record record, ChangeJson json) {
        var change = record.dynamodb();
        byte[] keys = json.keys(change);
        Payload payload = Payload.of(json.of(record, keys));
        boolean matched = filter == RecordFilter.NONE || filter.matches(payload.bytes());
        return new StreamRecord(
                SequenceNumber.of(change.sequenceNumber()),
                ChangeJson.text(keys),
                change.approximateCreationDateTime(),
                payload,
                matched);
    }
}
