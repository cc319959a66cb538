package dev.millrace.queue;

import dev.millrace.invoke.Excerpt;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.queue.QueueNotice.Reason;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What an invocation's outcome means for the messages of its batch: the table of spec 4.8. */
sealed interface Settlement {

    /** Characters of a function's list of identifiers in a detail. */
    int LONGEST_LIST = 500;

    /** Delete all but {@code failed}, which stay in the queue until their visibility timeout expires. */
    record Settle(Set<String> failed, Reason reason, String detail, boolean slowDown) implements Settlement {}

    /** Keep the batch and invoke again: the function did not run. */
    record KeepTrying(Duration notBefore) implements Settlement {}

    /** Invoke the batch in two halves, one after the other. */
    record Split() implements Settlement {}

    static Settlement of(HeldBatch batch, InvocationOutcome outcome) {
        return switch (outcome) {
            case InvocationOutcome.Succeeded _ -> new Settle(Set.of(), Reason.REPORTED_BY_FUNCTION, "", false);
            case InvocationOutcome.BatchItemFailures(var identifiers) -> partial(batch, identifiers);
            // Reported failures do not slow polling down, errors do (spec 3.4); a malformed report is a report.
            case InvocationOutcome.MalformedAnswer(var reason) -> failed(batch, reason, false);
            case InvocationOutcome.FunctionError(var type, var message) -> failed(batch, type + ": " + message, true);
            case InvocationOutcome.Throttled(var _, var retryAfter) -> new KeepTrying(retryAfter);
            case InvocationOutcome.Unavailable(var _, var retryAfter) -> new KeepTrying(retryAfter);
            case InvocationOutcome.TooLarge(var reason) ->
                batch.messages().size() > 1 ? new Split() : new Settle(ids(batch), Reason.TOO_LARGE, reason, false);
        };
    }

    private static Settlement partial(HeldBatch batch, List<String> identifiers) {
        Set<String> all = ids(batch);
        Set<String> reported = new HashSet<>(identifiers);
        if (reported.isEmpty() || !all.containsAll(reported)) {
            reported.removeAll(all);
            String strangers = Excerpt.of(reported.toString(), LONGEST_LIST);
            return failed(batch, "batchItemFailures names messages that are not in the batch: " + strangers, false);
        }
        return new Settle(reported, Reason.REPORTED_BY_FUNCTION, "listed in batchItemFailures", false);
    }

    private static Settle failed(HeldBatch batch, String detail, boolean slowDown) {
        return new Settle(ids(batch), Reason.FUNCTION_ERROR, detail, slowDown);
    }

    private static Set<String> ids(HeldBatch batch) {
        return batch.messages().stream().map(HeldMessage::id).collect(Collectors.toSet());
    }
}
