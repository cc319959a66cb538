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
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.queue.QueueNotice.LetGo;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.queue.QueuePolicy.Scaling;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Single decisions of the machine about outcomes and the breaker; what it keeps true over whole runs is the simulation's part. */
class QueueMachineOutcomesTest {

    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    private static final InvocationOutcome THROTTLED = new InvocationOutcome.Throttled("limit", Duration.ZERO);
    private static final SourceProblem NOT_THERE = new SourceProblem(Kind.NOT_FOUND, "no such queue");

    private MachineDriver queue = new MachineDriver(10, Duration.ZERO, 5, QueueOptions.DEFAULT);

    // ---- outcomes ----

    @Test
    void keepsAThrottledBatchAndItsSlotUntilTheNextAttempt() {
        queue.receive(message("a"));
        queue.ended(
                queue.the(QueueCommand.Invoke.class), new InvocationOutcome.Throttled("limit", Duration.ofSeconds(3)));
        assertThat(queue.machine.snapshot().backingOff()).isEqualTo(1);
        assertThat(queue.machine.snapshot().invoking()).isZero();
        assertThat(queue.machine.nextWakeup()).as("longer than its own pause").isEqualTo(START.plusSeconds(3));

        queue.at(Duration.ofSeconds(3));
        assertThat(queue.the(QueueCommand.Invoke.class).attempt()).isEqualTo(2);
        queue.ended(queue.the(QueueCommand.Invoke.class), THROTTLED);
        assertThat(queue.machine.nextWakeup())
                .as("second failure")
                .isBetween(queue.now.plusMillis(100), queue.now.plusMillis(200));
    }

    @Test
    void letsAThrottledBatchGoBeforeItBecomesVisibleAgain() {
        queue.receive(message("a"));
        queue.ended(
                queue.the(QueueCommand.Invoke.class), new InvocationOutcome.Throttled("limit", Duration.ofSeconds(60)));
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(29));

        queue.at(Duration.ofSeconds(29).minusNanos(1));
        assertThat(queue.notices()).isEmpty();
        queue.at(Duration.ofSeconds(29));
        assertThat(queue.letGo().reason()).isEqualTo(Reason.VISIBILITY_NEARLY_USED_UP);
        assertThat(queue.letGo().detail()).isEqualTo("the function did not take the batch");
        assertThat(queue.machine.snapshot().backingOff()).isZero();
        assertThat(queue.machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void splitsABatchThatIsTooLarge() {
        queue.receive(message("a"), message("b"), message("c"));
        queue.ended(queue.the(QueueCommand.Invoke.class), new InvocationOutcome.TooLarge("413"));

        assertThat(queue.all(QueueCommand.Invoke.class))
                .extracting(invoke -> ids(invoke.messages()))
                .containsExactly(List.of("a", "b"), List.of("c"));
    }

    @Test
    void aFailedMessageHoldsBackTheLaterOnesOfItsGroup() {
        queue = new MachineDriver(1, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a", "x", 1));
        QueueCommand.Invoke first = queue.the(QueueCommand.Invoke.class);
        queue.deliver(polls.get(1), message("b", "x", 1));
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(queue.machine.snapshot().waiting()).isEqualTo(1);

        queue.ended(first, ERROR);
        assertThat(queue.notices())
                .extracting(notice -> ((LetGo) notice).reason())
                .containsExactly(Reason.FUNCTION_ERROR, Reason.MESSAGE_GROUP_HELD_BACK);
        assertThat(queue.machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void delaysFailedMessagesAndAGroupByItsFirstOne() {
        queue = new MachineDriver(
                10,
                Duration.ZERO,
                5,
                MachineDriver.options(null, new RetryBackoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(60)), false));
        queue.receive(message("a", "x", 3), message("b", "x", 1), message("c", "y", 2));
        queue.ended(queue.the(QueueCommand.Invoke.class), ERROR);

        QueueCommand.ChangeVisibility change = queue.the(QueueCommand.ChangeVisibility.class);
        assertThat(change.changes())
                .extracting(one -> one.timeout().toSeconds())
                .containsExactly(4L, 4L, 2L);
        queue.on(new QueueEvent.VisibilityChanged(change.call(), Map.of("b", new EntryFailure("Refused", true))));
        assertThat(queue.notices())
                .singleElement()
                .isInstanceOfSatisfying(QueueNotice.VisibilityNotChanged.class, notice -> {
                    assertThat(ids(notice.messages())).containsExactly("b");
                });
    }

    @Test
    void aHeartbeatThatFailsAsAWholeIsReported() {
        queue = new MachineDriver(
                10, Duration.ZERO, 5, MachineDriver.options(new Heartbeat(Duration.ofMinutes(5)), null, false));
        queue.receive(message("a"));
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(15));
        queue.at(Duration.ofSeconds(15));
        queue.on(new QueueEvent.VisibilityChangeFailed(
                queue.the(QueueCommand.ChangeVisibility.class).call(), NOT_THERE));

        assertThat(queue.notices()).singleElement().isInstanceOf(QueueNotice.VisibilityNotChanged.class);
    }

    @Test
    void aFailedMessageLeavesOtherGroupsAlone() {
        queue = new MachineDriver(1, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a", "x", 1));
        QueueCommand.Invoke first = queue.the(QueueCommand.Invoke.class);
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.deliver(polls.get(1), message("b", "y", 1));

        queue.ended(first, ERROR);
        assertThat(queue.notices()).hasSize(1);
        assertThat(queue.machine.snapshot().waiting()).isEqualTo(1);
    }

    @Test
    void triesAMessageOnceHoweverShortTheQueuesTimeout() {
        queue = new MachineDriver(
                10, Duration.ZERO, 5, MachineDriver.options(new Heartbeat(Duration.ofMinutes(5)), null, false));
        queue.run(Duration.ZERO);
        queue.deliver(queue.the(QueueCommand.Receive.class), message("a"));
        QueueCommand.Invoke invoke = queue.the(QueueCommand.Invoke.class);

        queue.ended(invoke, THROTTLED);
        assertThat(queue.letGo().reason()).isEqualTo(Reason.VISIBILITY_NEARLY_USED_UP);
    }

    @Test
    void doesNotTryTheHalvesOfABatchWhoseVisibilityIsUsedUp() {
        queue.receive(message("a"), message("b"));
        QueueCommand.Invoke invoke = queue.the(QueueCommand.Invoke.class);
        queue.now = START.plusSeconds(31);
        queue.ended(invoke, new InvocationOutcome.TooLarge("413"));

        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(queue.letGo().reason()).isEqualTo(Reason.VISIBILITY_NEARLY_USED_UP);
    }

    @Test
    void doesNotInvokeABatchWhoseWindowItOversleptUntilItsVisibilityWasUsedUp() {
        queue = new MachineDriver(100, Duration.ofSeconds(5), 5, QueueOptions.DEFAULT);
        queue.receive(message("a"));
        queue.at(Duration.ofSeconds(40));

        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(queue.letGo().reason()).isEqualTo(Reason.VISIBILITY_NEARLY_USED_UP);
    }

    @Test
    void saysThatNoSlotBecameFreeForABatchThatWasNeverTried() {
        queue.run(Duration.ofSeconds(30));
        QueueCommand.Receive poll = queue.the(QueueCommand.Receive.class);
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.deliver(poll, message("a"));
        queue.at(Duration.ofSeconds(29));

        assertThat(queue.letGo().reason()).isEqualTo(Reason.VISIBILITY_NEARLY_USED_UP);
        assertThat(queue.letGo().detail()).isEqualTo("no slot became free in time");
    }

    // ---- concurrency ----

    @Test
    void functionErrorsAndThrottlesLowerConcurrencyAndReportedFailuresDoNot() {
        assertThat(limitAfter(ERROR)).isEqualTo(9);
        assertThat(limitAfter(THROTTLED)).isEqualTo(5);
        assertThat(limitAfter(new InvocationOutcome.BatchItemFailures(List.of("a"))))
                .isEqualTo(10);
        assertThat(limitAfter(SUCCESS)).isEqualTo(10);
    }

    private int limitAfter(InvocationOutcome outcome) {
        queue = new MachineDriver(10, Duration.ZERO, 10, QueueOptions.DEFAULT);
        queue.receive(message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), outcome);
        return queue.machine.snapshot().concurrencyLimit();
    }

    @Test
    void growsOnlyWhileEverySlotIsBusy() {
        Scaling scaling = new Scaling(1, 2, 100, OptionalInt.of(600));
        queue = new MachineDriver(scaling, 1, Duration.ZERO, 1_000_000, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"));
        QueueCommand.Invoke first = queue.the(QueueCommand.Invoke.class);
        queue.deliver(polls.get(1), message("b"));
        QueueCommand.Invoke second = queue.the(QueueCommand.Invoke.class);

        queue.ended(first, SUCCESS);
        queue.deliver(queue.the(QueueCommand.Receive.class), message("c"));
        QueueCommand.Invoke third = queue.the(QueueCommand.Invoke.class);
        queue.now = START.plusMillis(500);
        queue.ended(second, SUCCESS);
        assertThat(queue.machine.snapshot().concurrencyLimit())
                .as("10 a second")
                .isEqualTo(7);

        queue.now = START.plusMillis(1_000);
        queue.ended(third, SUCCESS);
        assertThat(queue.machine.snapshot().concurrencyLimit())
                .as("slots are free")
                .isEqualTo(7);
    }

    @Test
    void shrinksWhileNothingComes() {
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.now = START.plusSeconds(20);
        queue.deliver(polls.get(0));
        queue.now = START.plusSeconds(80);
        queue.deliver(polls.get(1));

        assertThat(queue.machine.snapshot().concurrencyLimit()).isEqualTo(2);
    }

    // ---- the breaker ----

    @Test
    void leavesTheQueueAloneWhileTheBreakerIsOpen() {
        queue.run(Duration.ofSeconds(30));
        QueueCommand.Receive poll = queue.the(QueueCommand.Receive.class);
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.deliver(poll, message("a"));

        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();
        assertThat(queue.machine.snapshot().waiting()).isEqualTo(1);
        assertThat(queue.machine.snapshot().health()).isEqualTo(FunctionHealth.SUSPENDED);
    }

    @Test
    void probesWithOneBatchAtATime() {
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"));
        queue.ended(
                queue.the(QueueCommand.Invoke.class),
                new InvocationOutcome.Unavailable("refused", Duration.ofSeconds(20)));
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.deliver(polls.get(1), message("b"));
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();

        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.PROBING));
        QueueCommand.Invoke probe = queue.the(QueueCommand.Invoke.class);
        assertThat(ids(probe.messages())).as("the other one backs off").containsExactly("b");
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();
        queue.at(Duration.ofSeconds(20));
        assertThat(queue.all(QueueCommand.Invoke.class)).as("a second probe").isEmpty();

        queue.ended(probe, SUCCESS);
        assertThat(ids(queue.the(QueueCommand.Invoke.class).messages())).containsExactly("a");
    }

    @Test
    void probesAlthoughAnInvocationFromBeforeTheOutageHoldsTheOnlySlot() {
        queue = new MachineDriver(1, Duration.ZERO, 1, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        queue.deliver(queue.the(QueueCommand.Receive.class), message("slow"));
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.PROBING));
        assertThat(queue.all(QueueCommand.Receive.class))
                .as("MaximumConcurrency is 1")
                .isEmpty();

        queue = new MachineDriver(1, Duration.ZERO, 2, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("slow"));
        queue.deliver(polls.get(1), message("down"));
        queue.ended(queue.the(QueueCommand.Invoke.class), new InvocationOutcome.Unavailable("refused", Duration.ZERO));
        assertThat(queue.machine.snapshot().concurrencyLimit()).as("shrunk").isEqualTo(1);
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        queue.on(new QueueEvent.FunctionHealthChanged(FunctionHealth.PROBING));
        queue.at(Duration.ofSeconds(10));

        assertThat(ids(queue.the(QueueCommand.Invoke.class).messages())).containsExactly("down");
    }
}
