package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.queue.QueuePolicy.Scaling;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One machine and the time, with every command it ever gave: for scenarios told step by step. */
final class MachineFixture {

    static final Duration VISIBILITY = Duration.ofSeconds(60);

    final QueueMachine machine;
    final List<QueueCommand> commands = new ArrayList<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    MachineFixture(int batchSize, int slots, QueueOptions options) {
        machine = new QueueMachine(
                new QueuePolicy(
                        batchSize,
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        new Scaling(slots, slots, slots, OptionalInt.empty()),
                        slots,
                        1L << 30,
                        options),
                new Random(1));
    }

    /** Starts the machine and describes the queue. */
    MachineFixture described() {
        tell(new QueueEvent.Tick());
        tell(new QueueEvent.Described(new QueueAttributes(VISIBILITY)));
        return this;
    }

    /** One turn; answers the commands of this turn. */
    List<QueueCommand> tell(QueueEvent event) {
        List<QueueCommand> given = machine.on(event, now);
        commands.addAll(given);
        return given;
    }

    List<QueueCommand> after(Duration time, QueueEvent event) {
        now = now.plus(time);
        return tell(event);
    }

    /** This long poll brings these messages. */
    List<QueueCommand> receive(long call, QueueMessage... messages) {
        return tell(new QueueEvent.Received(call, List.of(messages), now));
    }

    List<QueueCommand> succeed(long batch) {
        return tell(new QueueEvent.Invoked(batch, new InvocationOutcome.Succeeded(Payload.EMPTY)));
    }

    List<QueueCommand> fail(long batch) {
        return tell(new QueueEvent.Invoked(batch, new InvocationOutcome.FunctionError("Error", "boom")));
    }

    <C extends QueueCommand> List<C> all(Class<C> type) {
        return of(commands, type);
    }

    static <C extends QueueCommand> List<C> of(List<QueueCommand> commands, Class<C> type) {
        return commands.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The n-th long poll's number, from 0. */
    long call(int n) {
        return all(QueueCommand.Receive.class).get(n).call();
    }

    /** The n-th invocation, from 0. */
    QueueCommand.Invoke invocation(int n) {
        assertThat(all(QueueCommand.Invoke.class)).hasSizeGreaterThan(n);
        return all(QueueCommand.Invoke.class).get(n);
    }

    <N extends QueueNotice> List<N> notices(Class<N> type) {
        return all(QueueCommand.Report.class).stream()
                .map(QueueCommand.Report::notice)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    static QueueMessage message(String id) {
        return message(id, "h-" + id, null, 100);
    }

    static QueueMessage message(String id, String handle, @Nullable String group, int bytes) {
        return new QueueMessage(id, handle, group, 1, Payload.of(new byte[bytes]), null, true);
    }

    static QueueOptions options(MappingOptions.@Nullable Heartbeat heartbeat, boolean release) {
        return new QueueOptions(
                heartbeat,
                null,
                release,
                MappingOptions.GrowthPreset.FAST,
                OptionalInt.empty(),
                Duration.ofSeconds(20));
    }
}
