package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.ids;
import static dev.millrace.queue.Messages.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.queue.QueueSnapshot.Phase;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Single decisions of the machine about queue, batches and room; what it keeps true over whole runs is the simulation's part. */
class QueueMachineRulesTest {

    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    private static final SourceProblem NOT_THERE = new SourceProblem(Kind.NOT_FOUND, "no such queue");

    private MachineDriver queue = new MachineDriver(10, Duration.ZERO, 5, QueueOptions.DEFAULT);

    // ---- the queue ----

    @Test
    void describesTheQueueFirstAndThenEveryFiveMinutes() {
        queue.on(new QueueEvent.Tick());
        assertThat(queue.commands).containsExactly(new QueueCommand.Describe());
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.STARTING);
        assertThat(queue.machine.nextWakeup()).as("the answer is awaited").isEqualTo(Instant.MAX);

        queue.described(Duration.ofSeconds(30));
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
        assertThat(queue.all(QueueCommand.Receive.class))
                .extracting(QueueCommand.Receive::maximum)
                .containsExactly(10, 10);
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plus(Duration.ofMinutes(5)));

        queue.at(Duration.ofMinutes(5).minusNanos(1));
        assertThat(queue.commands).isEmpty();
        queue.at(Duration.ofMinutes(5));
        assertThat(queue.commands).containsExactly(new QueueCommand.Describe());
    }

    @Test
    void keepsItsAttributesWhenTheyCannotBeReadAgain() {
        queue.run(Duration.ofSeconds(30));
        queue.at(Duration.ofMinutes(5));
        queue.on(new QueueEvent.DescribeFailed(NOT_THERE));

        assertThat(queue.notices()).isEmpty();
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plus(Duration.ofMinutes(10)));
        assertThat(queue.machine.snapshot().visibilityTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void asksAgainAfterAPauseWhenTheQueueCannotBeDescribedAtStart() {
        queue.on(new QueueEvent.Tick());
        queue.on(new QueueEvent.DescribeFailed(NOT_THERE));

        assertThat(queue.notices()).singleElement().isInstanceOf(QueueNotice.SourceTrouble.class);
        assertThat(queue.machine.snapshot().problem()).isEqualTo(NOT_THERE);
        assertThat(queue.machine.nextWakeup()).isBetween(START.plusSeconds(1), START.plusSeconds(2));
        queue.now = queue.machine.nextWakeup();
        queue.on(new QueueEvent.Tick());
        assertThat(queue.commands).containsExactly(new QueueCommand.Describe());

        queue.described(Duration.ofSeconds(30));
        assertThat(queue.notices()).containsExactly(new QueueNotice.SourceRecovered());
        assertThat(queue.machine.snapshot().problem()).isNull();
    }

    @Test
    void refusesAQueueWhoseMessagesComeBackWhileTheFunctionStillRuns() {
        queue.run(Duration.ofSeconds(19));
        assertThat(queue.notices())
                .containsExactly(
                        new QueueNotice.TimeoutExceedsVisibility(Duration.ofSeconds(19), Duration.ofSeconds(20), true));
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.REFUSED);
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(30));

        queue.at(Duration.ofSeconds(30));
        queue.described(Duration.ofSeconds(20));
        assertThat(queue.notices()).isEmpty();
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
        assertThat(queue.all(QueueCommand.Receive.class)).hasSize(2);
    }

    @Test
    void aHeartbeatMakesAShortVisibilityTimeoutGood() {
        queue = new MachineDriver(
                10, Duration.ZERO, 5, MachineDriver.options(new Heartbeat(Duration.ofMinutes(5)), null, false));
        queue.run(Duration.ofSeconds(5));

        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void saysOnceWhenTheBatchingWindowUsesUpWhatTheFunctionNeeds() {
        queue = new MachineDriver(10, Duration.ofSeconds(15), 5, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        assertThat(queue.notices())
                .singleElement()
                .isInstanceOfSatisfying(
                        QueueNotice.WindowExceedsVisibility.class,
                        notice -> assertThat(notice.problem()).contains("to at least 35 seconds"));
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.RUNNING);

        queue.at(Duration.ofMinutes(5));
        queue.described(Duration.ofSeconds(30));
        assertThat(queue.notices()).isEmpty();
        queue.at(Duration.ofMinutes(10));
        queue.described(Duration.ofSeconds(35));
        assertThat(queue.notices()).isEmpty();
    }

    @Test
    void goesOnWhenTheTimeoutIsShortenedWhileItRunsAndSaysSoOnce() {
        queue.run(Duration.ofSeconds(30));
        queue.at(Duration.ofMinutes(5));
        queue.described(Duration.ofSeconds(10));
        assertThat(queue.notices())
                .containsExactly(new QueueNotice.TimeoutExceedsVisibility(
                        Duration.ofSeconds(10), Duration.ofSeconds(20), false));
        assertThat(queue.machine.snapshot().phase()).isEqualTo(Phase.RUNNING);

        queue.at(Duration.ofMinutes(10));
        queue.described(Duration.ofSeconds(10));
        assertThat(queue.notices()).isEmpty();
    }

    @Test
    void reportsTroubleOncePerPauseAndItsEnd() {
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.on(new QueueEvent.ReceiveFailed(polls.get(0).call(), NOT_THERE));
        assertThat(queue.notices()).hasSize(1);
        assertThat(queue.machine.snapshot().receives()).isEqualTo(1);
        queue.on(new QueueEvent.ReceiveFailed(polls.get(1).call(), NOT_THERE));
        assertThat(queue.notices()).as("while paused").isEmpty();
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();

        queue.now = queue.machine.nextWakeup();
        assertThat(queue.now).isBetween(START.plusSeconds(1), START.plusSeconds(2));
        queue.on(new QueueEvent.Tick());
        queue.deliver(queue.the(QueueCommand.Receive.class));
        assertThat(queue.notices()).containsExactly(new QueueNotice.SourceRecovered());
    }

    @Test
    void refusesTheAnswerToALongPollItNeverMade() {
        queue.run(Duration.ofSeconds(30));

        assertThatThrownBy(() -> queue.on(new QueueEvent.Received(99, List.of(), queue.now)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void pausesAfterAnEmptyAnswerOnlyWhenItCameBeforeHalfOfItsWaitTime() {
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.now = START.plusSeconds(10);
        queue.deliver(polls.get(0));
        assertThat(queue.all(QueueCommand.Receive.class))
                .as("at half of its time")
                .hasSize(1);

        queue.now = START.plusSeconds(10).minusNanos(1);
        queue.deliver(polls.get(1));
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();
        assertThat(queue.machine.nextWakeup()).isEqualTo(queue.now.plusMillis(250));
    }

    @Test
    void isNotRecoveredBecauseItsAttributesCanBeReadWhileReceivesFail() {
        SourceProblem denied = new SourceProblem(SourceProblem.Kind.ACCESS_DENIED, "no sqs:ReceiveMessage");
        queue.run(Duration.ofSeconds(30));
        queue.all(QueueCommand.Receive.class)
                .forEach(poll -> queue.on(new QueueEvent.ReceiveFailed(poll.call(), denied)));
        queue.at(Duration.ofMinutes(5));
        queue.described(Duration.ofSeconds(30));

        assertThat(queue.notices()).isEmpty();
        assertThat(queue.machine.snapshot().problem()).isEqualTo(denied);
    }

    @Test
    void takesOnNoMoreWhileWhatIsDoneCannotBeDeleted() {
        SourceProblem denied = new SourceProblem(SourceProblem.Kind.ACCESS_DENIED, "no sqs:DeleteMessage");
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        queue.on(
                new QueueEvent.DeleteFailed(queue.the(QueueCommand.Delete.class).call(), denied));
        assertThat(queue.notices()).singleElement().isInstanceOf(QueueNotice.SourceTrouble.class);
        assertThat(queue.machine.snapshot().problem()).isEqualTo(denied);

        queue.deliver(polls.get(1));
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();
        assertThat(queue.machine.snapshot().problem())
                .as("receiving works, deleting does not")
                .isEqualTo(denied);

        queue.at(Duration.ofSeconds(1));
        QueueCommand.Delete again = queue.the(QueueCommand.Delete.class);
        queue.on(new QueueEvent.Deleted(again.call(), 1, Map.of()));
        assertThat(queue.notices()).containsExactly(new QueueNotice.SourceRecovered());
        assertThat(queue.all(QueueCommand.Receive.class)).isNotEmpty();
    }

    // ---- batches ----

    @Test
    void invokesWhatALongPollBroughtAtOnceAndDeletesItAfterwards() {
        queue.receive(message("a"), message("b"));
        QueueCommand.Invoke invoke = queue.the(QueueCommand.Invoke.class);
        assertThat(invoke.attempt()).isEqualTo(1);
        assertThat(ids(invoke.messages())).containsExactly("a", "b");
        assertThat(queue.machine.snapshot().invoking()).isEqualTo(1);
        assertThat(queue.machine.snapshot().heldMessages()).isEqualTo(2);
        assertThat(queue.machine.snapshot().heldBytes()).isEqualTo(2);

        queue.ended(invoke, SUCCESS);
        QueueCommand.Delete delete = queue.the(QueueCommand.Delete.class);
        assertThat(ids(delete.messages())).containsExactly("a", "b");
        assertThat(queue.machine.snapshot().deleting()).isEqualTo(2);

        queue.on(new QueueEvent.Deleted(delete.call(), 2, Map.of()));
        assertThat(queue.notices()).isEmpty();
        assertThat(queue.machine.snapshot().heldMessages()).isZero();
        assertThat(queue.machine.snapshot().heldBytes()).isZero();
    }

    @Test
    void saysWhatCouldNotBeDeleted() {
        queue.receive(message("a"), message("b"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        QueueCommand.Delete delete = queue.the(QueueCommand.Delete.class);
        queue.on(new QueueEvent.Deleted(
                delete.call(), 2, Map.of("a", new EntryFailure("ReceiptHandleIsInvalid", true))));

        assertThat(queue.notices()).singleElement().isInstanceOfSatisfying(QueueNotice.NotDeleted.class, notice -> {
            assertThat(ids(notice.messages())).containsExactly("a");
            assertThat(notice.detail()).contains("ReceiptHandleIsInvalid");
        });
        assertThat(queue.machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void triesADeleteAgainThatFailedAsAWhole() {
        queue.receive(message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        queue.on(
                new QueueEvent.DeleteFailed(queue.the(QueueCommand.Delete.class).call(), NOT_THERE));
        assertThat(queue.all(QueueCommand.Delete.class)).isEmpty();

        queue.now = queue.machine.nextWakeup();
        assertThat(queue.now).isBetween(START.plusMillis(50), START.plusMillis(100));
        queue.on(new QueueEvent.Tick());
        assertThat(ids(queue.the(QueueCommand.Delete.class).messages())).containsExactly("a");
    }

    @Test
    void givesUpADeleteWhenTheQueueHasTakenTheMessageBack() {
        queue.receive(message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        QueueCommand.Delete delete = queue.the(QueueCommand.Delete.class);
        queue.now = START.plusSeconds(30);
        queue.on(new QueueEvent.DeleteFailed(delete.call(), NOT_THERE));

        assertThat(queue.notices())
                .first()
                .isInstanceOfSatisfying(
                        QueueNotice.NotDeleted.class,
                        notice -> assertThat(notice.detail()).isEqualTo("no such queue"));
        assertThat(queue.machine.snapshot().heldMessages()).isZero();
        assertThat(queue.machine.snapshot().problem())
                .as("nothing is left to delete")
                .isNull();
    }

    @Test
    void hasNoTroubleWithDeletesLeftWhenTheQueueRefusesThemForGood() {
        queue.receive(message("a"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        queue.on(
                new QueueEvent.DeleteFailed(queue.the(QueueCommand.Delete.class).call(), NOT_THERE));
        queue.at(Duration.ofSeconds(1));
        queue.on(new QueueEvent.Deleted(
                queue.the(QueueCommand.Delete.class).call(),
                1,
                Map.of("a", new EntryFailure("ReceiptHandleIsInvalid", true))));

        assertThat(queue.machine.snapshot().heldMessages()).isZero();
        assertThat(queue.machine.snapshot().problem()).isNull();
    }

    @Test
    void takesOnMoreWhileTheQueueRefusesToDeleteOneMessage() {
        queue.run(Duration.ofHours(12));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"), message("b"));
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        Map<String, EntryFailure> refused = Map.of("a", new EntryFailure("InternalError", false));
        queue.on(new QueueEvent.Deleted(queue.the(QueueCommand.Delete.class).call(), 2, refused));
        queue.at(Duration.ofSeconds(1));
        queue.on(new QueueEvent.Deleted(queue.the(QueueCommand.Delete.class).call(), 1, refused));

        queue.deliver(polls.get(1), message("c"));
        assertThat(queue.all(QueueCommand.Receive.class)).isNotEmpty();
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        assertThat(ids(queue.the(QueueCommand.Delete.class).messages()))
                .as("does not wait for the refused one, which goes along")
                .containsExactly("c", "a");
    }

    @Test
    void takesOnNoMoreWhileTheQueueRefusesToDeleteMany() {
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), Messages.numbered(10));
        List<QueueCommand.Receive> more = queue.all(QueueCommand.Receive.class);
        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        QueueCommand.Delete delete = queue.the(QueueCommand.Delete.class);
        EntryFailure error = new EntryFailure("InternalError", false);
        Map<String, EntryFailure> refused =
                delete.messages().stream().collect(Collectors.toMap(QueueMessage::messageId, _ -> error));
        queue.on(new QueueEvent.Deleted(delete.call(), 10, refused));
        more.forEach(poll -> queue.deliver(poll));
        queue.deliver(polls.get(1));
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();

        queue.at(Duration.ofSeconds(1));
        QueueCommand.Delete again = queue.the(QueueCommand.Delete.class);
        assertThat(queue.all(QueueCommand.Receive.class))
                .as("while it is tried again")
                .isEmpty();
        queue.on(new QueueEvent.Deleted(again.call(), 10, Map.of()));
        assertThat(queue.all(QueueCommand.Receive.class)).isNotEmpty();
    }

    @Test
    void deletesFilteredMessagesWithoutInvocation() {
        queue.receive(new QueueMessage("a", "h", null, 1, Payload.EMPTY, null, false));

        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(ids(queue.the(QueueCommand.Delete.class).messages())).containsExactly("a");
    }

    @Test
    void letsAMessageGoThatNoEventCanCarry() {
        queue.receive(new QueueMessage("a", "h", null, 1, Payload.of(new byte[6_300_000]), null, true));

        assertThat(queue.letGo().reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(queue.machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void collectsUntilTheWindowEnds() {
        queue = new MachineDriver(100, Duration.ofSeconds(7), 5, QueueOptions.DEFAULT);
        queue.receive(message("a"));
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(queue.machine.snapshot().collecting()).isEqualTo(1);
        assertThat(queue.machine.nextWakeup()).isEqualTo(START.plusSeconds(7));

        queue.at(Duration.ofSeconds(7).minusNanos(1));
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        queue.at(Duration.ofSeconds(7));
        assertThat(ids(queue.the(QueueCommand.Invoke.class).messages())).containsExactly("a");
    }

    @Test
    void aWindowLeavesTheFunctionItsTimeoutAndASecondOfTheVisibilityTimeoutButAtMostHalfOfIt() {
        queue = new MachineDriver(100, Duration.ofMinutes(5), 5, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(60));
        queue.deliver(queue.the(QueueCommand.Receive.class), message("a"));
        assertThat(queue.machine.nextWakeup()).as("60 - 20 - 1").isEqualTo(START.plusSeconds(39));

        queue = new MachineDriver(100, Duration.ofMinutes(5), 5, QueueOptions.DEFAULT);
        queue.receive(message("a"));
        assertThat(queue.machine.nextWakeup()).as("half of 30").isEqualTo(START.plusSeconds(15));

        queue = new MachineDriver(
                100,
                Duration.ofMinutes(5),
                5,
                MachineDriver.options(new Heartbeat(Duration.ofSeconds(60)), null, false));
        queue.now = START;
        queue.run(Duration.ofSeconds(5));
        queue.deliver(queue.the(QueueCommand.Receive.class), message("a"));
        assertThat(queue.machine.nextWakeup()).as("half of 5").isEqualTo(START.plusMillis(2_500));
    }

    @Test
    void keepsTheNewestHandleOfAMessageThatCameTwice() {
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"));
        QueueCommand.Invoke invoke = queue.the(QueueCommand.Invoke.class);
        queue.deliver(polls.get(1), Messages.withHandle("a", "newer"));
        assertThat(queue.notices()).singleElement().isInstanceOf(QueueNotice.DeliveredTwice.class);
        assertThat(queue.machine.snapshot().heldMessages()).isEqualTo(1);

        queue.ended(invoke, SUCCESS);
        assertThat(queue.the(QueueCommand.Delete.class).messages().getFirst().receiptHandle())
                .isEqualTo("newer");
    }

    // ---- room ----

    @Test
    void receivesOnlyWhatFindsASlot() {
        queue = new MachineDriver(10, Duration.ZERO, 1, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        assertThat(queue.all(QueueCommand.Receive.class))
                .as("one slot, one batch")
                .hasSize(1);
        queue.deliver(queue.the(QueueCommand.Receive.class), message("a"));
        assertThat(queue.all(QueueCommand.Receive.class)).isEmpty();

        queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        assertThat(queue.all(QueueCommand.Receive.class)).hasSize(1);
    }

    @Test
    void opensOneMoreLongPollAfterAFullAnswer() {
        queue = new MachineDriver(2, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.receive(message("a"));
        assertThat(queue.all(QueueCommand.Receive.class)).as("half full").hasSize(1);

        queue.deliver(queue.the(QueueCommand.Receive.class), message("b"), message("c"));
        assertThat(queue.all(QueueCommand.Receive.class)).as("full").hasSize(2);
    }

    @Test
    void asksOnlyForWhatTheOpenBatchesHaveRoomFor() {
        queue = new MachineDriver(15, Duration.ofSeconds(60), 1, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        assertThat(polls).extracting(QueueCommand.Receive::maximum).containsExactly(10, 5);

        queue.deliver(polls.get(0), message("a"), message("b"), message("c"));
        assertThat(queue.the(QueueCommand.Receive.class).maximum())
                .as("15 - 3 - 5")
                .isEqualTo(7);
    }

    @Test
    void neverAsksForMoreThanOneBatch() {
        queue = new MachineDriver(3, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));

        assertThat(queue.the(QueueCommand.Receive.class).maximum()).isEqualTo(3);
    }

    @Test
    void stopsReceivingWhenItHoldsEnoughBytes() {
        queue = new MachineDriver(10, Duration.ZERO, 5, 78, QueueOptions.DEFAULT);
        queue.run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), sized("a", 40));
        assertThat(queue.all(QueueCommand.Receive.class))
                .as("40 held, 2 x 40 expected")
                .isEmpty();
        QueueCommand.Invoke invoke = queue.the(QueueCommand.Invoke.class);
        queue.deliver(polls.get(1), sized("b", 0));
        assertThat(queue.all(QueueCommand.Receive.class))
                .as("40 held, 38 expected")
                .hasSize(1);

        queue.ended(invoke, ERROR);
        assertThat(queue.machine.snapshot().heldBytes()).isZero();
        assertThat(queue.all(QueueCommand.Receive.class)).hasSize(1);
    }

    @Test
    void receivesOneMessageAtLeastHoweverLarge() {
        queue = new MachineDriver(10, Duration.ZERO, 5, 10, QueueOptions.DEFAULT);
        queue.receive(sized("a", 40));
        queue.ended(queue.the(QueueCommand.Invoke.class), ERROR);

        assertThat(queue.machine.snapshot().heldMessages()).isZero();
        assertThat(queue.machine.snapshot().receives())
                .as("the other one is still open")
                .isEqualTo(1);
    }

    private static QueueMessage sized(String id, int bytes) {
        return new QueueMessage(id, "h", null, 1, Payload.of(new byte[bytes]), null, true);
    }
}
