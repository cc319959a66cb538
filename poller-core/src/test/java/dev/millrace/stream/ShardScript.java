package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A machine in a small world that answers in fixed times, and the text of all that happens in it. */
final class ShardScript {

    static final ReadPacing PACING =
            new ReadPacing(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(9));
    private static final Duration READ = Duration.ofMillis(10);
    private static final Duration SAVE = Duration.ofMillis(5);
    private static final Duration DELIVER = Duration.ofMillis(20);

    final ShardSimulation.Agenda agenda;
    final StringBuilder text;
    final SimulatedShard shard;
    private final Duration retention;

    /** What the function does; takes {@link #duration}. */
    Function<ShardCommand.Invoke, InvocationOutcome> function = _ -> new InvocationOutcome.Succeeded(Payload.EMPTY);

    Function<ShardCommand.Invoke, @Nullable Payload> state = _ -> null;
    Duration duration = Duration.ofMillis(100);
    /** Whether the destination takes it. */
    Predicate<Discard> destination = _ -> true;

    Runnable atEnd = () -> {};
    ShardProgress stored = ShardProgress.startingAt(new ReadPosition.TrimHorizon());

    private @Nullable ShardMachine machine;
    private int run;
    private boolean cancelled;
    private Instant tickAt = Instant.MIN;

    ShardScript() {
        this("shard", List.of(), new ShardSimulation.Agenda(Records.START), new StringBuilder(), Duration.ofHours(24));
    }

    ShardScript(
            String id, List<String> parents, ShardSimulation.Agenda agenda, StringBuilder text, Duration retention) {
        this.agenda = agenda;
        this.text = text;
        this.retention = retention;
        this.shard =
                new SimulatedShard(id, parents, new TreeSet<>(), new SimulatedShard.Source(retention, false, true));
    }

    // ---- what is told ----

    /** These records arrive at this moment, numbered from the first to the last. */
    ShardScript records(String key, int first, int last) {
        for (int number = first; number <= last; number++) {
            record(number, key);
        }
        return this;
    }

    ShardScript record(int number, String key) {
        shard.add(new StreamRecord(
                SequenceNumber.of(String.valueOf(number)), key, agenda.now, Payload.of(new byte[100]), true));
        return this;
    }

    ShardScript begin(ShardPolicy policy) {
        run++;
        cancelled = false;
        machine = new ShardMachine(shard.id, policy, stored, new SplittableRandom(run), agenda.now);
        note("begins at " + ShardText.progress(stored));
        tell(new ShardEvent.ConditionsChanged(retention, 1L << 30));
        return this;
    }

    /** Lets this much time pass. */
    ShardScript pass(Duration time) {
        boolean[] over = {false};
        agenda.in(time, () -> over[0] = true);
        while (!over[0]) {
            agenda.step();
        }
        return this;
    }

    ShardScript crash() {
        note("crashes");
        run++;
        machine = null;
        return this;
    }

    ShardScript tell(ShardEvent event) {
        ShardMachine told = machine;
        if (told == null || told.finished()) {
            return this;
        }
        ShardText.of(event).ifPresent(this::note);
        List<ShardCommand> commands = told.on(event, agenda.now);
        for (ShardCommand command : commands) {
            ShardText.of(command).ifPresent(line -> note("  " + line));
            execute(command);
        }
        Instant wakeup = told.nextWakeup();
        if (!wakeup.equals(Instant.MAX) && !wakeup.equals(tickAt)) {
            tickAt = wakeup;
            int to = run;
            agenda.at(wakeup, () -> {
                if (to == run && wakeup.equals(tickAt)) {
                    tickAt = Instant.MIN;
                    tell(new ShardEvent.Tick());
                }
            });
        }
        return this;
    }

    ShardScript health(FunctionHealth health) {
        return tell(new ShardEvent.FunctionHealthChanged(health));
    }

    ShardScript stop(Duration within) {
        return tell(new ShardEvent.StopRequested(agenda.now.plus(within)));
    }

    boolean isRunning() {
        return machine != null && !machine.finished();
    }

    // ---- the world ----

    private void execute(ShardCommand command) {
        switch (command) {
            case ShardCommand.Read read -> later(READ, () -> tell(read(read)));
            case ShardCommand.Invoke invoke -> {
                InvocationOutcome outcome = function.apply(invoke);
                boolean ran = !(outcome instanceof InvocationOutcome.Throttled);
                later(ran ? duration : Duration.ofMillis(1), () -> {
                    if (!cancelled) {
                        tell(new ShardEvent.Invoked(
                                invoke.batch(), outcome, "r" + invoke.batch(), "$LATEST", state.apply(invoke)));
                    }
                });
            }
            case ShardCommand.Deliver(var number, var discard) -> {
                boolean takes = destination.test(discard);
                later(
                        DELIVER,
                        () -> tell(
                                takes
                                        ? new ShardEvent.Delivered(number)
                                        : new ShardEvent.DeliveryFailed(number, false, "no connection")));
            }
            case ShardCommand.Save(var call, var progress) -> save(call, progress);
            case ShardCommand.SaveEnd(var call, var progress, var _) -> save(call, progress);
            case ShardCommand.CancelInvocations _ -> cancelled = true;
            case ShardCommand.Finish _ -> atEnd.run();
            case ShardCommand.Report _ -> {}
        }
    }

    private ShardEvent read(ShardCommand.Read read) {
        Optional<SimulatedShard.Seen> seen = shard.read(read.from(), read.maximum(), agenda.now);
        return seen.<ShardEvent>map(found -> new ShardEvent.Read(read.call(), found.read()))
                .orElseGet(() -> new ShardEvent.ReadFailed(
                        read.call(), new SourceProblem(SourceProblem.Kind.TRIMMED, "trimmed")));
    }

    private void save(long call, ShardProgress progress) {
        later(SAVE, () -> {
            stored = progress;
            tell(new ShardEvent.Saved(call));
        });
    }

    private void later(Duration time, Runnable action) {
        int of = run;
        agenda.in(time, () -> {
            if (of == run) {
                action.run();
            }
        });
    }

    void note(String line) {
        long millis = Duration.between(Records.START, agenda.now).toMillis();
        text.append(String.format(Locale.ROOT, "%9.3f  ", millis / 1000.0))
                .append(shard.id.equals("shard") ? "" : shard.id + "  ")
                .append(line)
                .append('\n');
    }
}
