package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rare turns of events that the simulation's random scenarios seldom or never take. */
class QueueMachineTest {

    private static final InvocationOutcome REFUSED =
            new InvocationOutcome.Unavailable("the circuit breaker is open", Duration.ZERO);

    @Test
    void pausesBetweenProbesThatTheBreakerRefuses() {
        // Another mapping's probe holds the breaker's one permission: this one's are refused at once, for as long as
        // that runs.
        MachineFixture run = new MachineFixture(10, 2, QueueOptions.DEFAULT).described();
        run.receive(run.call(0), MachineFixture.message("a"));
        run.tell(new QueueEvent.FunctionHealthChanged(FunctionHealth.PROBING));

        List<QueueCommand> turn =
                run.tell(new QueueEvent.Invoked(run.invocation(0).batch(), REFUSED));

        assertThat(MachineFixture.of(turn, QueueCommand.Invoke.class)).isEmpty();
        assertThat(run.machine.nextWakeup())
                .isBetween(run.now.plusMillis(50), run.now.plus(QueueMachine.RETRY_INVOKE.maximum()));
        run.now = run.machine.nextWakeup();
        assertThat(MachineFixture.of(run.tell(new QueueEvent.Tick()), QueueCommand.Invoke.class))
                .hasSize(1);
    }

    @Test
    void honoursRetryAfterWhileItProbes() {
        MachineFixture run = new MachineFixture(10, 2, QueueOptions.DEFAULT).described();
        run.receive(run.call(0), MachineFixture.message("a"));
        run.tell(new QueueEvent.Invoked(
                run.invocation(0).batch(), new InvocationOutcome.Throttled("busy", Duration.ofSeconds(20))));

        List<QueueCommand> turn =
                run.after(Duration.ofSeconds(1), new QueueEvent.FunctionHealthChanged(FunctionHealth.PROBING));

        assertThat(MachineFixture.of(turn, QueueCommand.Invoke.class)).isEmpty();
    }

    @Test
    void doesNotComplainOfAHeartbeatThatFailsAfterTheDelete() {
        MachineFixture run = new MachineFixture(
                        10, 1, MachineFixture.options(new Heartbeat(Duration.ofMinutes(10)), false))
                .described();
        run.receive(run.call(0), MachineFixture.message("a"));
        run.after(Duration.ofSeconds(31), new QueueEvent.Tick());
        long heartbeat = run.all(QueueCommand.ChangeVisibility.class).getFirst().call();
        run.succeed(run.invocation(0).batch());
        run.tell(new QueueEvent.Deleted(
                run.all(QueueCommand.Delete.class).getFirst().call(), 1, Map.of()));

        run.tell(new QueueEvent.VisibilityChanged(
                heartbeat, Map.of("a", new EntryFailure("ReceiptHandleIsInvalid", true))));

        assertThat(run.notices(QueueNotice.VisibilityNotChanged.class))
                .as("it is deleted: nobody cares")
                .isEmpty();
    }

    @Test
    void accountsForAMessageThatComesBackLarger() {
        MachineFixture run = new MachineFixture(10, 2, QueueOptions.DEFAULT).described();
        run.receive(run.call(0), MachineFixture.message("a", "h1", null, 100));
        run.receive(run.call(1), MachineFixture.message("a", "h2", null, 107));
        assertThat(run.machine.snapshot().heldBytes()).isEqualTo(107);

        run.succeed(run.invocation(0).batch());
        run.tell(new QueueEvent.Deleted(
                run.all(QueueCommand.Delete.class).getFirst().call(), 1, Map.of()));

        assertThat(run.machine.snapshot().heldMessages()).isZero();
        assertThat(run.machine.snapshot().heldBytes()).isZero();
    }

    @Test
    void deletesAgainByTheNewestHandleWhenTheMessageCameBackMeanwhile() {
        // A standard queue answers a delete by an older handle with success, but may keep the message (AWS,
        // DeleteMessage).
        MachineFixture run = new MachineFixture(10, 2, QueueOptions.DEFAULT).described();
        run.receive(run.call(0), MachineFixture.message("a", "h1", null, 100));
        run.succeed(run.invocation(0).batch());
        run.receive(run.call(1), MachineFixture.message("a", "h2", null, 100));

        List<QueueCommand> turn = run.tell(new QueueEvent.Deleted(
                run.all(QueueCommand.Delete.class).getFirst().call(), 1, Map.of()));

        List<QueueCommand.Delete> again = MachineFixture.of(turn, QueueCommand.Delete.class);
        assertThat(again).hasSize(1);
        assertThat(again.getFirst().messages())
                .extracting(QueueMessage::receiptHandle)
                .containsExactly("h2");
    }

    @Test
    void releasesOnlyWhenItsOwnLongPollsCannotTakeTheMessagesBack() {
        MachineFixture run = new MachineFixture(1, 2, MachineFixture.options(null, true)).described();
        run.receive(run.call(0), MachineFixture.message("a"));
        run.tell(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        run.fail(run.invocation(0).batch());
        run.receive(run.call(1), MachineFixture.message("b"));
        run.tell(new QueueEvent.FunctionHealthChanged(FunctionHealth.AVAILABLE));
        // b is with the function, one long poll is open.
        int polls = run.all(QueueCommand.Receive.class).size();
        run.tell(new QueueEvent.Invoked(run.invocation(1).batch(), REFUSED));

        List<QueueCommand> stop = run.tell(new QueueEvent.StopRequested(run.now.plusSeconds(30)));
        assertThat(MachineFixture.of(stop, QueueCommand.ChangeVisibility.class))
                .as("an open long poll would receive it again")
                .isEmpty();

        List<QueueCommand> last = run.receive(run.call(polls - 1));
        assertThat(MachineFixture.of(last, QueueCommand.ChangeVisibility.class)).hasSize(1);
    }

    @Test
    void holdsAGroupBackBehindAMessageThatIsTooLarge() {
        MachineFixture run = new MachineFixture(10, 2, QueueOptions.DEFAULT).described();

        List<QueueCommand> turn = run.receive(
                run.call(0),
                MachineFixture.message("a1", "h1", "a", 100),
                MachineFixture.message("a2", "h2", "a", 6_300_000),
                MachineFixture.message("b1", "h3", "b", 100),
                MachineFixture.message("a3", "h4", "a", 100));

        assertThat(MachineFixture.of(turn, QueueCommand.Invoke.class).getFirst().messages())
                .extracting(QueueMessage::messageId)
                .containsExactly("a1", "b1");
        assertThat(run.notices(QueueNotice.LetGo.class))
                .extracting(QueueNotice.LetGo::reason)
                .containsExactly(QueueNotice.Reason.TOO_LARGE, QueueNotice.Reason.MESSAGE_GROUP_HELD_BACK);
        assertThat(run.machine.snapshot().heldMessages()).isEqualTo(2);
    }

    @Test
    void aMessageThatIsTooLargeDoesNotTakeEarlierOnesOfItsGroupWithIt() {
        MachineFixture run = new MachineFixture(10, 2, QueueOptions.DEFAULT).described();

        List<QueueCommand> turn = run.receive(
                run.call(0),
                MachineFixture.message("a1", "h1", "a", 4_000_000),
                MachineFixture.message("a2", "h2", "a", 4_000_000),
                MachineFixture.message("a3", "h3", "a", 6_300_000));

        assertThat(MachineFixture.of(turn, QueueCommand.Invoke.class))
                .as("the first batch, full by its bytes")
                .singleElement()
                .satisfies(invoke -> assertThat(invoke.messages())
                        .extracting(QueueMessage::messageId)
                        .containsExactly("a1"));
        assertThat(run.machine.snapshot().waiting()).as("the second message").isEqualTo(1);
    }
}
