package dev.millrace.stream;

import dev.millrace.checkpoint.Lanes;
import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Records for tests, numbered as in AWS's samples. */
final class Records {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Records() {}

    static Lanes lanes(int count) {
        return new Lanes(count, Keying.WHOLE);
    }

    static StreamRecord record(int number) {
        return record(number, "key", START);
    }

    static StreamRecord record(int number, String key) {
        return record(number, key, START);
    }

    static StreamRecord record(int number, String key, Instant arrival) {
        return new StreamRecord(SequenceNumber.of(String.valueOf(number)), key, arrival, Payload.EMPTY, true);
    }

    static StreamRecord sized(int number, int bytes) {
        return new StreamRecord(
                SequenceNumber.of(String.valueOf(number)), "key", START, Payload.of(new byte[bytes]), true);
    }

    static StreamRecord filtered(int number) {
        return new StreamRecord(SequenceNumber.of(String.valueOf(number)), "key", START, Payload.EMPTY, false);
    }

    static StreamBatch batch(int first, int last) {
        return StreamBatch.of(
                IntStream.rangeClosed(first, last).mapToObj(Records::record).toList());
    }

    static int number(StreamRecord record) {
        return Integer.parseInt(record.sequenceNumber().toString());
    }

    /** Such as {@code 6-10}, or {@code 8} for one record. */
    static String range(StreamBatch batch) {
        return batch.size() == 1 ? batch.first().toString() : batch.first() + "-" + batch.last();
    }

    static List<String> ranges(List<StreamBatch> batches) {
        return batches.stream().map(Records::range).toList();
    }
}
