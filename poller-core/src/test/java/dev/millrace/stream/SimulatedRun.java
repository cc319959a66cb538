package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.stream.ShardScenario.Faults;
import dev.millrace.stream.ShardScenario.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The runs of one shard's machine, one after the other, and what the store holds of it. */
final class SimulatedRun {

    private static final List<Kind> TROUBLES = List.of(
            Kind.NOT_FOUND,
            Kind.ACCESS_DENIED,
            Kind.THROTTLED,
            Kind.THROTTLED,
            Kind.UNAVAILABLE,
            Kind.UNAVAILABLE,
            Kind.REJECTED,
            Kind.EXPIRED_ITERATOR,
            Kind.EXPIRED_ITERATOR);

    private final ShardSimulation world;
    private final ShardSimulation.Agenda agenda;
    private final Random random;
    private final Faults faults;
    final SimulatedShard shard;
    final ShardInvariants invariants;

    private Settings settings;
    ShardProgress stored;
    /** Counts up with each run: what an earlier one has in flight does not reach the next. */
    private int run;

    private @Nullable ShardMachine machine;
    private @Nullable Instant tickAt;
    private boolean stopping;

    SimulatedRun(ShardSimulation world, SimulatedShard shard, Settings settings, ShardProgress first, Random random) {
        this.world = world;
        this.agenda = world.agenda;
        this.random = random;
        this.faults = world.scenario.faults();
        this.shard = shard;
        this.settings = settings;
        this.stored = first;
        this.invariants = new ShardInvariants(shard, agenda, world.scenario, settings, first);
    }

    // ---- runs ----

    void begin(Settings with) {
        settings = with;
        run++;
        stopping = false;
        tickAt = null;
        machine = new ShardMachine(shard.id, with.policy(), stored, new Random(random.nextLong()), agenda.now);
        invariants.begin(with, stored);
        world.trace(shard.id, "BEGINS " + with + " " + stored);
        List<ShardEvent> first = new ArrayList<>(List.of(
                new ShardEvent.ConditionsChanged(world.scenario.retention(), with.maximumBytes()),
                new ShardEvent.FunctionHealthChanged(world.health())));
        Collections.shuffle(first, random);
        first.forEach(this::tell);
        tell(new ShardEvent.Tick());
    }

    /** The process dies: only what the store holds is left. */
    void crash() {
        world.trace(shard.id, "CRASHES");
        run++;
        machine = null;
    }

    void loseLease() {
        tell(new ShardEvent.LeaseLost());
        crash();
    }

    void stop(Instant deadline) {
        if (isRunning()) {
            stopping = true;
            tell(new ShardEvent.StopRequested(deadline));
        }
    }

    boolean isRunning() {
        return machine != null && !machine.finished();
    }

    boolean isStopping() {
        return stopping;
    }

    /** Whether the shard will never run again. */
    boolean isOver() {
        return !isRunning() && stored.finished();
    }

    /** Whether there is nothing left to do unless more records come. */
    boolean isIdle() {
        return isOver() || (shard.isOpen() && invariants.isSettled());
    }

    void tell(ShardEvent event) {
        ShardMachine told = machine;
        if (told == null || told.finished()) {
            return;
        }
        world.trace(shard.id, event);
        List<ShardCommand> commands = told.on(event, agenda.now);
        commands.forEach(command -> world.trace(shard.id, command));
        invariants.turn(event, commands, told.snapshot());
        commands.forEach(this::execute);
        Instant wakeup = told.nextWakeup();
        invariants.scheduled(event, commands.isEmpty(), wakeup);
        if (!wakeup.equals(Instant.MAX) && !wakeup.equals(tickAt)) {
            tickAt = wakeup;
            int to = run;
            agenda.at(wakeup, () -> {
                if (to == run && wakeup.equals(tickAt)) {
                    tickAt = null;
                    tell(new ShardEvent.Tick());
                }
            });
        }
    }

    private void execute(ShardCommand command) {
        switch (command) {
            case ShardCommand.Read read -> read(read);
            case ShardCommand.Invoke invoke -> invoke(invoke);
            case ShardCommand.Deliver deliver -> deliver(deliver);
            case ShardCommand.Save(var call, var progress) -> save(call, progress);
            case ShardCommand.SaveEnd(var call, var progress, var _) -> save(call, progress);
            case ShardCommand.CancelInvocations _ -> cancelled = run;
            case ShardCommand.Finish(var why) -> {
                if (why == ShardCommand.End.SHARD_END) {
                    world.shardEnded();
                }
            }
            case ShardCommand.Report _ -> {}
        }
    }

    /** The run whose invocations and deliveries were cancelled, so that they are not told. */
    private int cancelled;

    /** Whether the end of a call is told: of one that was cancelled only when it has ended at the same time. */
    private boolean isTold() {
        return cancelled != run || random.nextInt(4) == 0;
    }

    /** Some time later, unless the process has died meanwhile. */
    private void later(Duration time, Runnable action) {
        int of = run;
        agenda.in(time, () -> {
            if (of == run) {
                action.run();
            }
        });
    }

    private Duration latency(double slow) {
        return Duration.ofMillis(world.chance(slow) ? random.nextInt(20_000) : 1 + random.nextInt(20));
    }

    // ---- source ----

    private void read(ShardCommand.Read read) {
        later(latency(0), () -> source(read));
    }

    private void source(ShardCommand.Read read) {
        Duration back = latency(faults.slowRead());
        if (shard.gone || world.chance(faults.readError())) {
            Kind kind = shard.gone ? Kind.NOT_FOUND : TROUBLES.get(random.nextInt(TROUBLES.size()));
            later(back, () -> tell(new ShardEvent.ReadFailed(read.call(), new SourceProblem(kind, "simulated"))));
            return;
        }
        if (world.chance(faults.emptyRead())) {
            answer(read, back, shard.nothing(read.from(), agenda.now));
            return;
        }
        int maximum = random.nextBoolean() ? read.maximum() : 1 + random.nextInt(read.maximum());
        Optional<SimulatedShard.Seen> seen = shard.read(read.from(), maximum, agenda.now);
        if (seen.isPresent()) {
            answer(read, back, seen.get());
        } else {
            SourceProblem trimmed = new SourceProblem(Kind.TRIMMED, "simulated");
            later(back, () -> tell(new ShardEvent.ReadFailed(read.call(), trimmed)));
        }
    }

    private void answer(ShardCommand.Read read, Duration back, SimulatedShard.Seen seen) {
        later(back, () -> {
            if (isRunning()) {
                invariants.seen(read.call(), seen);
                tell(new ShardEvent.Read(read.call(), seen.read()));
            }
        });
    }

    // ---- function ----

    private void invoke(ShardCommand.Invoke invoke) {
        later(Duration.ofMillis(1), () -> {
            SimulatedFunction.Answer answer =
                    world.function.invoke(invoke, settings.mapping().reportBatchItemFailures());
            boolean lost = ran(answer.outcome()) && world.chance(faults.lostAnswer() / 4);
            InvocationOutcome outcome =
                    lost ? new InvocationOutcome.FunctionError("Reset", "connection reset") : answer.outcome();
            later(latency(ran(outcome) ? faults.slowFunction() : 0), () -> {
                world.invoked(outcome);
                if (isTold()) {
                    tell(new ShardEvent.Invoked(
                            invoke.batch(),
                            outcome,
                            "request-" + invoke.batch(),
                            "$LATEST",
                            lost ? null : answer.state()));
                }
            });
        });
    }

    private static boolean ran(InvocationOutcome outcome) {
        return !(outcome instanceof InvocationOutcome.Throttled
                || outcome instanceof InvocationOutcome.Unavailable
                || outcome instanceof InvocationOutcome.TooLarge);
    }

    // ---- destination ----

    private void deliver(ShardCommand.Deliver deliver) {
        later(latency(0), () -> {
            if (!isTold()) {
                return;
            }
            boolean refused = world.chance(faults.deliveryRefused());
            if (refused || world.destinationDown() || world.chance(faults.deliveryError())) {
                tell(new ShardEvent.DeliveryFailed(deliver.number(), refused, "simulated"));
            } else {
                world.delivered(deliver.discard());
                tell(new ShardEvent.Delivered(deliver.number()));
            }
        });
    }

    // ---- store ----

    private void save(long call, ShardProgress progress) {
        later(latency(faults.slowStore()), () -> {
            if (world.storeDown() || world.chance(faults.storeError())) {
                later(latency(0), () -> tell(new ShardEvent.SaveFailed(call, "simulated")));
                return;
            }
            invariants.stored(progress);
            stored = progress;
            boolean lost = world.chance(faults.storeLosesAnswer());
            later(latency(0), () -> tell(lost ? new ShardEvent.SaveFailed(call, "lost") : new ShardEvent.Saved(call)));
        });
    }

    @Nullable
    ShardSnapshot snapshot() {
        return machine == null ? null : machine.snapshot();
    }
}
