package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.queue.QueueNotice.LetGo;
import dev.millrace.queue.QueuePolicy.Scaling;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A machine with a clock of its own: what happens goes in, and the last turn's commands are there to look at. */
final class MachineDriver {

    private static final SourceProblem NOT_THERE = new SourceProblem(Kind.NOT_FOUND, "no such queue");

    final QueueMachine machine;
    Instant now = START;
    List<QueueCommand> commands = new ArrayList<>();
    private final Set<Long> openPolls = new LinkedHashSet<>();

    MachineDriver(int batchSize, Duration window, int slots, QueueOptions options) {
        this(batchSize, window, slots, 1_000_000, options);
    }

    MachineDriver(int batchSize, Duration window, int slots, long maximumBytes, QueueOptions options) {
        this(
                new Scaling(Math.min(2, slots), slots, slots, OptionalInt.empty()),
                batchSize,
                window,
                maximumBytes,
                options);
    }

    /** With two long polls and a function that may run for 20 s. */
    MachineDriver(Scaling scaling, int batchSize, Duration window, long maximumBytes, QueueOptions options) {
        this(new QueuePolicy(batchSize, window, Duration.ofSeconds(20), scaling, 2, maximumBytes, options));
    }

    MachineDriver(QueuePolicy policy) {
        machine = new QueueMachine(policy, new SplittableRandom(1));
    }

    static QueueOptions options(@Nullable Heartbeat heartbeat, @Nullable RetryBackoff backoff, boolean release) {
        return new QueueOptions(
                heartbeat, backoff, release, GrowthPreset.FAST, OptionalInt.empty(), Duration.ofSeconds(20));
    }

    void on(QueueEvent event) {
        if (event instanceof QueueEvent.Received received) {
            openPolls.remove(received.call());
        }
        commands = machine.on(event, now);
        all(QueueCommand.Receive.class).forEach(poll -> openPolls.add(poll.call()));
    }

    void at(Duration sinceStart) {
        now = START.plus(sinceStart);
        on(new QueueEvent.Tick());
    }

    void described(Duration visibilityTimeout) {
        on(new QueueEvent.Described(new QueueAttributes(visibilityTimeout)));
    }

    void run(Duration visibilityTimeout) {
        on(new QueueEvent.Tick());
        described(visibilityTimeout);
    }

    /** Runs with a visibility timeout of 30 s and answers the first long poll. */
    void receive(QueueMessage... messages) {
        run(Duration.ofSeconds(30));
        deliver(the(QueueCommand.Receive.class), messages);
    }

    void deliver(QueueCommand.Receive receive, QueueMessage... messages) {
        on(new QueueEvent.Received(receive.call(), List.of(messages), now));
    }

    void ended(QueueCommand.Invoke invoke, InvocationOutcome outcome) {
        on(new QueueEvent.Invoked(invoke.batch(), outcome));
    }

    <C extends QueueCommand> List<C> all(Class<C> type) {
        return commands.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The first command of this type. */
    <C extends QueueCommand> C the(Class<C> type) {
        assertThat(all(type)).isNotEmpty();
        return all(type).getFirst();
    }

    List<QueueNotice> notices() {
        return all(QueueCommand.Report.class).stream()
                .map(QueueCommand.Report::notice)
                .toList();
    }

    LetGo letGo() {
        return notices().stream()
                .filter(LetGo.class::isInstance)
                .map(LetGo.class::cast)
                .findFirst()
                .orElseThrow();
    }

    void finishOpenPolls() {
        List.copyOf(openPolls).forEach(call -> on(new QueueEvent.ReceiveFailed(call, NOT_THERE)));
    }
}
