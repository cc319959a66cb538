package dev.millrace.stream;

import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Records of one lane that are invoked together, in order. Only the final invocation of a tumbling window has none.
 *
 * @param records in the order of their sequence numbers
 * @param attempts invocations that used up a retry, so far; of this range of records since it last made progress
 * @param invocations all invocations so far, for {@code approximateInvokeCount}
 */
record StreamBatch(List<StreamRecord> records, int attempts, int invocations) {

    StreamBatch {
        records = List.copyOf(records);
    }

    /** A batch that has not been invoked. */
    static StreamBatch of(List<StreamRecord> records) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("an empty batch");
        }
        return new StreamBatch(records, 0, 0);
    }

    /** The final invocation of a tumbling window. */
    static StreamBatch endOfWindow() {
        return new StreamBatch(List.of(), 0, 0);
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    int size() {
        return records.size();
    }

    SequenceNumber first() {
        return records.getFirst().sequenceNumber();
    }

    SequenceNumber last() {
        return records.getLast().sequenceNumber();
    }

    /** One more invocation has failed, which used up a retry. */
    StreamBatch failed() {
        return new StreamBatch(records, attempts + 1, invocations + 1);
    }

    /** One more invocation, which used up no retry. */
    StreamBatch invoked() {
        return new StreamBatch(records, attempts, invocations + 1);
    }

    /** Its two halves, the second one the larger as in AWS's sample: splitting uses up no retry (spec 4.5). */
    List<StreamBatch> bisect() {
        int middle = size() / 2;
        return List.of(
                new StreamBatch(records.subList(0, middle), attempts, invocations),
                new StreamBatch(records.subList(middle, size()), attempts, invocations));
    }

    /** The records from this index on as a batch of their own with a fresh budget: what is before them is done (spec 4.4). */
    StreamBatch remainder(int from) {
        return StreamBatch.of(records.subList(from, size()));
    }

    /** The first records for which this holds, without a gap. */
    List<StreamRecord> prefix(Predicate<StreamRecord> holds) {
        List<StreamRecord> prefix = new ArrayList<>();
        for (StreamRecord record : records) {
            if (!holds.test(record)) {
                break;
            }
            prefix.add(record);
        }
        return prefix;
    }

    /** This batch without its first records; empty when nothing is left. Its budget stays, it has made no progress. */
    Optional<StreamBatch> without(int prefix) {
        return prefix == size()
                ? Optional.empty()
                : Optional.of(new StreamBatch(records.subList(prefix, size()), attempts, invocations));
    }
}
