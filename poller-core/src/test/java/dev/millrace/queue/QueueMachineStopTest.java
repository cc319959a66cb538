package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.ids;
import static dev.millrace.queue.Messages.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.queue.QueueSnapshot.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Single decisions of the machine about how to stop; what it keeps true over whole runs is the simulation's part. */
class QueueMachineStopTest {

    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    private static final InvocationOutcome THROTTLED = new InvocationOutcome.Throttled("limit", Duration.ZERO);

    private MachineDriver queue = new MachineDriver(10, Duration.ZERO, 5, QueueOptions.DEFAULT);

    @Test
    void stopsWhenEverythingInFlightHasEnded() {
        queue = new MachineDriver(100, Duration.ofSeconds(60), 5, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"));
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.STOPPING);
        QueueCommand.Invoke first = queue.the(QueueCommand.Invoke.class);
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(10));

        queue.deliver(polls.get(1), message("b"));
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();
        QueueCommand.Invoke second = queue.the(QueueCommand.Invoke.class);
        queue.ended(first, ERROR);
        assertThat(queue.machine.finished()).isFalse();
        queue.ended(second, ERROR);
        queue.finishOpenPolls();

        assertThat(queue.machine.finished()).isTrue();
        assertThat(queue.commands).last().isEqualTo(new QueueCommand.Finish());
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.FINISHED);
        assertThat(queue.machine.nextWakeup()).isEqualTo(Instant.MAX);
        queue.on(new QueueEvent.Tick());
        assertThat(queue.commands).isEmpty();
    }

    @Test
    void cancelsAtTheDeadlineAndEndsAfterItsGrace() {
        queue.receive(message("a"));
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(20)));
        assertThat(queue.machine.nextWakeup()).as("the earlier deadline counts").isEqualTo(START.plusSeconds(10));

        queue.at(Duration.ofSeconds(10));
        assertThat(queue.commands).contains(new QueueCommand.CancelInvocations());
        assertThat(queue.letGo().detail()).isEqualTo("interrupted");
        assertThat(queue.machine.finished()).isTrue();
    }

    @Test
    void givesUnfinishedMessagesBackAtTheDeadlineWhenAskedTo() {
        queue = new MachineDriver(10, Duration.ZERO, 5, MachineDriver.options(null, null, true));
        queue.receive(message("a"));
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        queue.at(Duration.ofSeconds(10));
        QueueCommand.ChangeVisibility release = queue.the(QueueCommand.ChangeVisibility.class);
        assertThat(release.changes())
                .singleElement()
                .satisfies(change -> assertThat(change.timeout()).isZero());
        assertThat(queue.machine.finished()).as("the release is awaited").isFalse();
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(12));

        queue.at(Duration.ofSeconds(12).minusNanos(1));
        assertThat(queue.machine.finished()).isFalse();
        queue.at(Duration.ofSeconds(12));
        assertThat(queue.machine.finished()).isTrue();
    }

    @Test
    void sendsNoHeartbeatForWhatItHasGivenBack() {
        queue = new MachineDriver(
                10, Duration.ZERO, 5, MachineDriver.options(new Heartbeat(Duration.ofMinutes(5)), null, true));
        queue.receive(message("a"));
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(14)));
        queue.at(Duration.ofSeconds(14));
        assertThat(queue.the(QueueCommand.ChangeVisibility.class).changes())
                .singleElement()
                .satisfies(change -> assertThat(change.timeout()).isZero());
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(16));

        queue.at(Duration.ofSeconds(15));
        assertThat(queue.all(QueueCommand.ChangeVisibility.class)).isEmpty();
    }

    @Test
    void saysWhatWasNotDeletedWhenTheGraceIsOver() {
        queue.receive(message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        queue.at(Duration.ofSeconds(10));
        assertThat(queue.machine.finished()).isFalse();
        queue.at(Duration.ofSeconds(12));

        assertThat(queue.notices()).singleElement().isInstanceOfSatisfying(QueueNotice.NotDeleted.class, notice -> {
            assertThat(ids(notice.messages())).containsExactly("a");
        });
        assertThat(queue.machine.finished()).isTrue();
    }

    @Test
    void doesNotWaitForAFunctionThatDoesNotAnswerWhenItStops() {
        queue.receive(message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), THROTTLED);
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        assertThat(queue.machine.snapshot().backingOff()).isEqualTo(1);

        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.finishOpenPolls();
        assertThat(queue.letGo().reason()).isEqualTo(Reason.STOPPED);
        assertThat(queue.letGo().detail()).isEqualTo("not invoked before the stop");
        assertThat(queue.machine.snapshot().backingOff()).isZero();
    }

    @Test
    void givesWaitingMessagesBackWhenAskedToOnceItsPollsAreOver() {
        queue = new MachineDriver(10, Duration.ZERO, 5, MachineDriver.options(null, null, true));
        queue.run(Duration.ofSeconds(30));
        QueueCommand.Receive poll = queue.the(QueueCommand.Receive.class);
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.deliver(poll, message("a"));
        queue.on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        queue.finishOpenPolls();

        assertThat(queue.letGo().reason()).isEqualTo(Reason.STOPPED);
        assertThat(queue.the(QueueCommand.ChangeVisibility.class).changes())
                .singleElement()
                .satisfies(change -> assertThat(change.timeout()).isZero());
    }
}
