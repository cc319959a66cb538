package dev.millrace.stream;

import dev.millrace.batch.WindowCall;
import dev.millrace.checkpoint.ShardCheckpoint.Ahead;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Events and commands of a shard for people; reads that bring nothing are left out. */
final class ShardText {

    private ShardText() {}

    static Optional<String> of(ShardEvent event) {
        return switch (event) {
            case ShardEvent.Tick _, ShardEvent.ConditionsChanged _, ShardEvent.Saved _ -> Optional.empty();
            case ShardEvent.Read(var _, var read) -> read(read);
            case ShardEvent.ReadFailed(var _, var problem) -> Optional.of("read failed: " + problem.kind());
            case ShardEvent.Invoked invoked -> Optional.of("call " + invoked.batch() + " " + outcome(invoked));
            case ShardEvent.Delivered _ -> Optional.of("delivered");
            case ShardEvent.DeliveryFailed failed -> Optional.of("not delivered: " + failed.message());
            case ShardEvent.SaveFailed(var _, var message) -> Optional.of("not stored: " + message);
            case ShardEvent.FunctionHealthChanged(var health) -> Optional.of("function " + health);
            case ShardEvent.ShardGone _ -> Optional.of("the source does not list the shard");
            case ShardEvent.LeaseLost _ -> Optional.of("lease lost");
            case ShardEvent.StopRequested(var deadline) -> Optional.of("is asked to stop by " + seconds(deadline));
        };
    }

    private static Optional<String> read(ShardRead read) {
        String end = read.atEnd() ? " at the end of the shard" : "";
        return read.records().isEmpty() && !read.atEnd()
                ? Optional.empty()
                : Optional.of("has read " + records(read.records()) + end);
    }

    private static String outcome(ShardEvent.Invoked event) {
        String state = event.state() == null ? "" : ", state " + text(event.state());
        return switch (event.outcome()) {
                    case InvocationOutcome.Succeeded _ -> "succeeded";
                    case InvocationOutcome.BatchItemFailures(var failures) -> "reports " + String.join(", ", failures);
                    case InvocationOutcome.MalformedAnswer _ -> "answered nonsense";
                    case InvocationOutcome.FunctionError _ -> "failed";
                    case InvocationOutcome.Throttled _ -> "throttled";
                    case InvocationOutcome.Unavailable _ -> "unavailable";
                    case InvocationOutcome.TooLarge _ -> "too large";
                }
                + state;
    }

    private static String text(Payload state) {
        return state.size() > 100 ? "of " + state.size() + " bytes" : state.text();
    }

    static Optional<String> of(ShardCommand command) {
        return switch (command) {
            case ShardCommand.Read _ -> Optional.empty();
            case ShardCommand.Invoke invoke -> Optional.of(invoke(invoke));
            case ShardCommand.Deliver(var _, var discard) -> Optional.of("deliver " + discard(discard));
            case ShardCommand.Save(var _, var progress) -> Optional.of("store " + progress(progress));
            case ShardCommand.SaveEnd(var _, var progress, var _) -> Optional.of("store the end " + progress(progress));
            case ShardCommand.CancelInvocations _ -> Optional.of("cancel what is in flight");
            case ShardCommand.Report(var notice) -> Optional.of(notice(notice));
            case ShardCommand.Finish(var end) -> Optional.of("finish: " + end);
        };
    }

    private static String invoke(ShardCommand.Invoke invoke) {
        WindowCall window = invoke.window();
        String call = "call " + invoke.batch() + " lane " + invoke.lane() + " attempt " + invoke.attempt() + ": "
                + records(invoke.records());
        if (window == null) {
            return call;
        }
        return call + " window " + seconds(window.start()) + " to " + seconds(window.end()) + " state "
                + text(window.state()) + (window.isFinal() ? " final" : "")
                + (window.terminatedEarly() ? " terminated early" : "");
    }

    private static String notice(ShardNotice notice) {
        return switch (notice) {
            case ShardNotice.Gap(var from, var to, var _) ->
                "GAP from " + (from == null ? "?" : seconds(from)) + " to " + (to == null ? "?" : seconds(to));
            case ShardNotice.Discarded(var discard, var fate) -> "DISCARDED " + discard(discard) + ", " + fate;
            case ShardNotice.DestinationTrouble(var _, var _, var pause) ->
                "destination trouble, again in " + pause.toMillis() + " ms";
            case ShardNotice.WindowAbandoned(var start, var end) ->
                "WINDOW ABANDONED " + seconds(start) + " to " + seconds(end);
            case ShardNotice.SourceTrouble(var problem, var _) -> "source trouble: " + problem.kind();
            case ShardNotice.SourceRecovered _ -> "source recovered";
            case ShardNotice.StoreTrouble(var message, var _) -> "store trouble: " + message;
            case ShardNotice.StoreRecovered _ -> "store recovered";
            case ShardNotice.LetGo(var lane, var count, var interrupted) ->
                "lets go of " + count + " records of lane " + lane + (interrupted ? ", interrupted" : "");
        };
    }

    private static String discard(Discard discard) {
        return records(discard.records()) + " " + discard.reason().condition() + " after " + discard.invocations()
                + " invocations";
    }

    static String progress(ShardProgress progress) {
        String position = progress.checkpoint().position() != null
                ? "after " + progress.checkpoint().position()
                : position(progress.start());
        String ahead =
                progress.checkpoint().ahead().stream().map(ShardText::ahead).collect(Collectors.joining());
        String window = progress.window() == null
                ? ""
                : ", window " + seconds(progress.window().start()) + " state "
                        + text(progress.window().state());
        return position + ahead + window;
    }

    private static String position(ReadPosition position) {
        return switch (position) {
            case ReadPosition.TrimHorizon _ -> "the oldest";
            case ReadPosition.AtTimestamp(var time) -> "from " + seconds(time);
            case ReadPosition.After(var number) -> "after " + number;
        };
    }

    private static String ahead(Ahead ahead) {
        String of = ahead.keying() == Keying.WHOLE ? ", lanes" : ", unpacked lanes";
        return ahead.marks().stream()
                .map(mark -> mark == null ? "-" : mark.toString())
                .collect(Collectors.joining(" ", of + " up to [", "]"));
    }

    private static String seconds(Instant time) {
        return Duration.between(Records.START, time).toMillis() / 1000.0 + " s";
    }

    /** Such as {@code 6-10}, where no number is missing; otherwise each. */
    static String records(List<StreamRecord> records) {
        if (records.isEmpty()) {
            return "no records";
        }
        int first = Records.number(records.getFirst());
        int last = Records.number(records.getLast());
        if (last - first + 1 == records.size()) {
            return first == last ? String.valueOf(first) : first + "-" + last;
        }
        return records.stream()
                .map(record -> record.sequenceNumber().toString())
                .collect(Collectors.joining(" "));
    }
}
