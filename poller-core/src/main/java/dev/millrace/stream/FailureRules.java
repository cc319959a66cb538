package dev.millrace.stream;

import dev.millrace.failure.DiscardReason;
import dev.millrace.invoke.Backoff;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.MappingOptions.Retry;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What failures mean for a stream's batches (spec 4.1 to 4.5): the only reader of the retry settings. Pure.
 *
 * @param maximumRetryAttempts -1 for no limit
 * @param maximumRecordAge zero for no limit
 * @param bisect split a failing batch in two
 * @param pauses between attempts
 */
public record FailureRules(int maximumRetryAttempts, Duration maximumRecordAge, boolean bisect, Backoff pauses) {

    static FailureRules of(StreamMembers members, Retry retry) {
        return new FailureRules(
                members.maximumRetryAttempts(),
                members.maximumRecordAge(),
                members.bisectBatchOnFunctionError(),
                new Backoff(retry.base(), retry.maximum()));
    }

    /**
     * The records that are too old to be invoked: the first ones without a gap (spec 4.3).
     *
     * @param retention how long the stream keeps records, for a batch that fails: it is not tried for longer (spec 4.1). Null
     *     for one that does not, or when it is not known: what is here is invoked, however old
     */
    List<StreamRecord> expired(StreamBatch batch, @Nullable Duration retention, Instant now) {
        return batch.prefix(record -> now.isAfter(expiry(record, retention)));
    }

    /** The last moment at which the record is not too old; {@link Instant#MAX} when it never will be. */
    Instant expiry(StreamRecord record, @Nullable Duration retention) {
        Instant byAge =
                maximumRecordAge.isZero() ? Instant.MAX : record.arrival().plus(maximumRecordAge);
        Instant byRetention = retention == null ? Instant.MAX : record.arrival().plus(retention);
        return byAge.isBefore(byRetention) ? byAge : byRetention;
    }

    /**
     * Decides about a batch whose invocation has ended.
     *
     * @param failures invocations of this batch in a row that did not reach the function, with this one
     */
    Verdict judge(StreamBatch batch, InvocationOutcome outcome, int failures, RandomGenerator random) {
        return switch (outcome) {
            case InvocationOutcome.Succeeded _ -> new Verdict.Complete();
            case InvocationOutcome.BatchItemFailures(var identifiers) ->
                firstFailed(batch, identifiers)
                        .map(index -> partial(batch, index, random))
                        .orElseGet(() -> failed(batch, random));
            case InvocationOutcome.MalformedAnswer _, InvocationOutcome.FunctionError _ -> failed(batch, random);
            case InvocationOutcome.Throttled(var _, var retryAfter) -> again(batch, retryAfter, failures, random);
            case InvocationOutcome.Unavailable(var _, var retryAfter) -> again(batch, retryAfter, failures, random);
            case InvocationOutcome.TooLarge _ ->
                batch.size() > 1
                        ? new Verdict.Retry(0, batch.bisect(), Duration.ZERO)
                        : new Verdict.Discard(batch, DiscardReason.RECORD_TOO_LARGE);
        };
    }

    /** The index of the lowest reported record; empty when a report names anything that is not in the batch. */
    private static Optional<Integer> firstFailed(StreamBatch batch, List<String> identifiers) {
        int first = batch.size();
        for (String identifier : identifiers) {
            int index = indexOf(batch, identifier);
            if (index < 0) {
                return Optional.empty();
            }
            first = Math.min(first, index);
        }
        return first == batch.size() ? Optional.empty() : Optional.of(first);
    }

    /** Functions know the stream's numbers only: one means all sub-records that share it, of which the lowest counts. */
    private static int indexOf(StreamBatch batch, String identifier) {
        if (SequenceNumber.isSequenceNumber(identifier)) {
            SequenceNumber wanted = SequenceNumber.of(identifier);
            for (int i = 0; i < batch.size(); i++) {
                if (batch.records().get(i).sequenceNumber().isSameRecord(wanted)) {
                    return i;
                }
            }
        }
        return -1;
    }

    private Verdict partial(StreamBatch batch, int done, RandomGenerator random) {
        if (done == 0) {
            return failed(batch, random);
        }
        return new Verdict.Retry(done, List.of(batch.remainder(done)), pauses.pause(1, random));
    }

    private Verdict failed(StreamBatch batch, RandomGenerator random) {
        if (bisect && batch.size() > 1) {
            return new Verdict.Retry(0, batch.invoked().bisect(), pauses.pause(1, random));
        }
        StreamBatch failed = batch.failed();
        if (maximumRetryAttempts >= 0 && failed.attempts() > maximumRetryAttempts) {
            return new Verdict.Discard(failed, DiscardReason.RETRY_ATTEMPTS_EXHAUSTED);
        }
        return new Verdict.Retry(0, List.of(failed), pauses.pause(failed.attempts(), random));
    }

    private Verdict again(StreamBatch batch, Duration retryAfter, int failures, RandomGenerator random) {
        Duration pause = pauses.pause(failures, random);
        Duration longer = pause.compareTo(retryAfter) > 0 ? pause : retryAfter;
        return new Verdict.Retry(0, List.of(batch.invoked()), longer);
    }
}
