package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.Backoff;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A machine with a clock of its own: what happens goes in, and the last turn's commands are there to look at. */
final class ShardDriver {

    static final Duration RETENTION = Duration.ofHours(24);
    static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    static final ShardProgress FROM_OLDEST = ShardProgress.startingAt(new ReadPosition.TrimHorizon());
    static final FailureRules ENDLESS =
            new FailureRules(-1, Duration.ZERO, false, new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1)));

    final ShardMachine machine;
    Instant now = Records.START;
    List<ShardCommand> commands = new ArrayList<>();

    ShardDriver(ShardPolicy policy) {
        this(policy, FROM_OLDEST);
    }

    ShardDriver(ShardPolicy policy, ShardProgress start) {
        machine = new ShardMachine("shard", policy, start, new SplittableRandom(1), now);
        on(new ShardEvent.ConditionsChanged(RETENTION, 1L << 30));
    }

    static ShardPolicy policy(int batchSize, int lanes, FailureRules rules) {
        return policy(batchSize, lanes, rules, null);
    }

    static ShardPolicy policy(int batchSize, int lanes, FailureRules rules, ShardPolicy.@Nullable Delivery delivery) {
        return new ShardPolicy(
                batchSize,
                Duration.ZERO,
                Duration.ZERO,
                Records.lanes(lanes),
                rules,
                delivery,
                ShardScript.PACING,
                10_000,
                SavePace.LOCAL);
    }

    static FailureRules rules(int retries, Duration age, boolean bisect) {
        return new FailureRules(retries, age, bisect, ENDLESS.pauses());
    }

    ShardDriver on(ShardEvent event) {
        commands = machine.on(event, now);
        return this;
    }

    ShardDriver after(Duration time) {
        now = now.plus(time);
        return on(new ShardEvent.Tick());
    }

    ShardDriver read(ShardCommand.Read read, StreamRecord... records) {
        return on(new ShardEvent.Read(read.call(), new ShardRead(List.of(records), Duration.ZERO, null)));
    }

    /** Answers the read of the last turn. */
    ShardDriver read(StreamRecord... records) {
        return read(the(ShardCommand.Read.class), records);
    }

    ShardDriver readToEnd(StreamRecord... records) {
        return on(new ShardEvent.Read(
                the(ShardCommand.Read.class).call(), new ShardRead(List.of(records), Duration.ZERO, List.of())));
    }

    ShardDriver readFails(SourceProblem.Kind kind) {
        return on(new ShardEvent.ReadFailed(the(ShardCommand.Read.class).call(), new SourceProblem(kind, "no")));
    }

    ShardDriver ended(ShardCommand.Invoke invoke, InvocationOutcome outcome) {
        return ended(invoke, outcome, null);
    }

    ShardDriver ended(ShardCommand.Invoke invoke, InvocationOutcome outcome, @Nullable Payload state) {
        return on(new ShardEvent.Invoked(invoke.batch(), outcome, "r" + invoke.batch(), "$LATEST", state));
    }

    ShardDriver saved() {
        return on(new ShardEvent.Saved(the(ShardCommand.Save.class).call()));
    }

    /** Stores what is to be stored; otherwise lets time pass until there is something to do. */
    ShardDriver saveOrWait() {
        return all(ShardCommand.Save.class).isEmpty() ? waitFor(machine.nextWakeup()) : saved();
    }

    ShardDriver stop(Duration within) {
        return on(new ShardEvent.StopRequested(now.plus(within)));
    }

    <C extends ShardCommand> List<C> all(Class<C> type) {
        return commands.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The first command of this type. */
    <C extends ShardCommand> C the(Class<C> type) {
        assertThat(all(type)).as(type + " of " + commands).isNotEmpty();
        return all(type).getFirst();
    }

    /** What is invoked in the last turn, such as {@code 1-3}. */
    List<String> invoked() {
        return all(ShardCommand.Invoke.class).stream()
                .map(invoke -> ShardText.records(invoke.records()))
                .toList();
    }

    List<ShardNotice> notices() {
        return all(ShardCommand.Report.class).stream()
                .map(ShardCommand.Report::notice)
                .toList();
    }

    ShardDriver waitFor(Instant until) {
        return after(Duration.between(now, until));
    }
}
