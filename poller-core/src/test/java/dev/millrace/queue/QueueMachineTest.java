package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.ids;
import static dev.millrace.queue.Messages.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.queue.QueueNotice.LetGo;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.queue.QueuePolicy.Scaling;
import dev.millrace.queue.QueueSnapshot.Phase;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Single decisions of the machine; what it keeps true over whole runs is the simulation's part. */
class QueueMachineTest {

    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    private static final InvocationOutcome THROTTLED = new InvocationOutcome.Throttled("limit", Duration.ZERO);
    private static final SourceProblem NOT_THERE = new SourceProblem(Kind.NOT_FOUND, "no such queue");

    private Instant now = START;
    private List<QueueCommand> commands = new ArrayList<>();
    private QueueMachine machine = machine(10, Duration.ZERO, 5, MappingOptions.DEFAULT);

    private static QueueMachine machine(int batchSize, Duration window, int slots, MappingOptions options) {
        return machine(batchSize, window, slots, 1_000_000, options);
    }

    private static QueueMachine machine(
            int batchSize, Duration window, int slots, long maximumBytes, MappingOptions options) {
        Scaling scaling = new Scaling(Math.min(2, slots), slots, slots, OptionalInt.empty());
        return new QueueMachine(
                new QueuePolicy(batchSize, window, Duration.ofSeconds(20), scaling, 2, maximumBytes, options),
                new SplittableRandom(1));
    }

    private static MappingOptions options(
            @Nullable Heartbeat heartbeat, @Nullable RetryBackoff backoff, boolean release) {
        return new MappingOptions(
                heartbeat, backoff, release, GrowthPreset.FAST, OptionalInt.empty(), Duration.ofSeconds(20), 0);
    }

    // ---- driving ----

    private void on(QueueEvent event) {
        commands = machine.on(event, now);
    }

    private void at(Duration sinceStart) {
        now = START.plus(sinceStart);
        on(new QueueEvent.Tick());
    }

    private void described(Duration visibilityTimeout) {
        on(new QueueEvent.Described(new QueueAttributes(visibilityTimeout)));
    }

    private void run(Duration visibilityTimeout) {
        on(new QueueEvent.Tick());
        described(visibilityTimeout);
    }

    /** Runs with a visibility timeout of 30 s and answers the first long poll. */
    private void receive(QueueMessage... messages) {
        run(Duration.ofSeconds(30));
        deliver(the(QueueCommand.Receive.class), messages);
    }

    private void deliver(QueueCommand.Receive receive, QueueMessage... messages) {
        on(new QueueEvent.Received(receive.call(), List.of(messages), now));
    }

    private void ended(QueueCommand.Invoke invoke, InvocationOutcome outcome) {
        on(new QueueEvent.Invoked(invoke.batch(), outcome));
    }

    private <C extends QueueCommand> List<C> all(Class<C> type) {
        return commands.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The first command of this type. */
    private <C extends QueueCommand> C the(Class<C> type) {
        assertThat(all(type)).isNotEmpty();
        return all(type).getFirst();
    }

    private List<QueueNotice> notices() {
        return all(QueueCommand.Report.class).stream()
                .map(QueueCommand.Report::notice)
                .toList();
    }

    private LetGo letGo() {
        return notices().stream()
                .filter(LetGo.class::isInstance)
                .map(LetGo.class::cast)
                .findFirst()
                .orElseThrow();
    }

    // ---- the queue ----

    @Test
    void describesTheQueueFirstAndThenEveryFiveMinutes() {
        on(new QueueEvent.Tick());
        assertThat(commands).containsExactly(new QueueCommand.Describe());
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.STARTING);
        assertThat(machine.nextWakeup()).as("the answer is awaited").isEqualTo(Instant.MAX);

        described(Duration.ofSeconds(30));
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
        assertThat(all(QueueCommand.Receive.class))
                .extracting(QueueCommand.Receive::maximum)
                .containsExactly(10, 10);
        assertThat(machine.nextWakeup()).isEqualTo(START.plus(Duration.ofMinutes(5)));

        at(Duration.ofMinutes(5).minusNanos(1));
        assertThat(commands).isEmpty();
        at(Duration.ofMinutes(5));
        assertThat(commands).containsExactly(new QueueCommand.Describe());
    }

    @Test
    void keepsItsAttributesWhenTheyCannotBeReadAgain() {
        run(Duration.ofSeconds(30));
        at(Duration.ofMinutes(5));
        on(new QueueEvent.DescribeFailed(NOT_THERE));

        assertThat(notices()).isEmpty();
        assertThat(machine.nextWakeup()).isEqualTo(START.plus(Duration.ofMinutes(10)));
        assertThat(machine.snapshot().visibilityTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void asksAgainAfterAPauseWhenTheQueueCannotBeDescribedAtStart() {
        on(new QueueEvent.Tick());
        on(new QueueEvent.DescribeFailed(NOT_THERE));

        assertThat(notices()).singleElement().isInstanceOf(QueueNotice.SourceTrouble.class);
        assertThat(machine.snapshot().problem()).isEqualTo(NOT_THERE);
        assertThat(machine.nextWakeup()).isBetween(START.plusSeconds(1), START.plusSeconds(2));
        now = machine.nextWakeup();
        on(new QueueEvent.Tick());
        assertThat(commands).containsExactly(new QueueCommand.Describe());

        described(Duration.ofSeconds(30));
        assertThat(notices()).containsExactly(new QueueNotice.SourceRecovered());
        assertThat(machine.snapshot().problem()).isNull();
    }

    @Test
    void refusesAQueueWhoseMessagesComeBackWhileTheFunctionStillRuns() {
        run(Duration.ofSeconds(19));
        assertThat(notices())
                .containsExactly(
                        new QueueNotice.TimeoutExceedsVisibility(Duration.ofSeconds(19), Duration.ofSeconds(20), true));
        assertThat(all(QueueCommand.Receive.class)).isEmpty();
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.REFUSED);
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(30));

        at(Duration.ofSeconds(30));
        described(Duration.ofSeconds(20));
        assertThat(notices()).isEmpty();
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
        assertThat(all(QueueCommand.Receive.class)).hasSize(2);
    }

    @Test
    void aHeartbeatMakesAShortVisibilityTimeoutGood() {
        machine = machine(10, Duration.ZERO, 5, options(new Heartbeat(Duration.ofMinutes(5)), null, false));
        run(Duration.ofSeconds(5));

        assertThat(machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void goesOnWhenTheTimeoutIsShortenedWhileItRunsAndSaysSoOnce() {
        run(Duration.ofSeconds(30));
        at(Duration.ofMinutes(5));
        described(Duration.ofSeconds(10));
        assertThat(notices())
                .containsExactly(new QueueNotice.TimeoutExceedsVisibility(
                        Duration.ofSeconds(10), Duration.ofSeconds(20), false));
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.RUNNING);

        at(Duration.ofMinutes(10));
        described(Duration.ofSeconds(10));
        assertThat(notices()).isEmpty();
    }

    @Test
    void reportsTroubleOncePerPauseAndItsEnd() {
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        on(new QueueEvent.ReceiveFailed(polls.get(0).call(), NOT_THERE));
        assertThat(notices()).hasSize(1);
        assertThat(machine.snapshot().receives()).isEqualTo(1);
        on(new QueueEvent.ReceiveFailed(polls.get(1).call(), NOT_THERE));
        assertThat(notices()).as("while paused").isEmpty();
        assertThat(all(QueueCommand.Receive.class)).isEmpty();

        now = machine.nextWakeup();
        assertThat(now).isBetween(START.plusSeconds(1), START.plusSeconds(2));
        on(new QueueEvent.Tick());
        deliver(the(QueueCommand.Receive.class));
        assertThat(notices()).containsExactly(new QueueNotice.SourceRecovered());
    }

    @Test
    void refusesTheAnswerToALongPollItNeverMade() {
        run(Duration.ofSeconds(30));

        assertThatThrownBy(() -> on(new QueueEvent.Received(99, List.of(), now)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void pausesAfterAnEmptyAnswerOnlyWhenItCameBeforeHalfOfItsWaitTime() {
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        now = START.plusSeconds(10);
        deliver(polls.get(0));
        assertThat(all(QueueCommand.Receive.class)).as("at half of its time").hasSize(1);

        now = START.plusSeconds(10).minusNanos(1);
        deliver(polls.get(1));
        assertThat(all(QueueCommand.Receive.class)).isEmpty();
        assertThat(machine.nextWakeup()).isEqualTo(now.plusMillis(250));
    }

    // ---- batches ----

    @Test
    void invokesWhatALongPollBroughtAtOnceAndDeletesItAfterwards() {
        receive(message("a"), message("b"));
        QueueCommand.Invoke invoke = the(QueueCommand.Invoke.class);
        assertThat(invoke.attempt()).isEqualTo(1);
        assertThat(ids(invoke.messages())).containsExactly("a", "b");
        assertThat(machine.snapshot().invoking()).isEqualTo(1);
        assertThat(machine.snapshot().heldMessages()).isEqualTo(2);
        assertThat(machine.snapshot().heldBytes()).isEqualTo(2);

        ended(invoke, SUCCESS);
        QueueCommand.Delete delete = the(QueueCommand.Delete.class);
        assertThat(ids(delete.messages())).containsExactly("a", "b");
        assertThat(machine.snapshot().deleting()).isEqualTo(2);

        on(new QueueEvent.Deleted(delete.call(), Map.of()));
        assertThat(notices()).isEmpty();
        assertThat(machine.snapshot().heldMessages()).isZero();
        assertThat(machine.snapshot().heldBytes()).isZero();
    }

    @Test
    void saysWhatCouldNotBeDeleted() {
        receive(message("a"), message("b"));
        ended(the(QueueCommand.Invoke.class), SUCCESS);
        QueueCommand.Delete delete = the(QueueCommand.Delete.class);
        on(new QueueEvent.Deleted(delete.call(), Map.of("a", new EntryFailure("ReceiptHandleIsInvalid", true))));

        assertThat(notices()).singleElement().isInstanceOfSatisfying(QueueNotice.NotDeleted.class, notice -> {
            assertThat(ids(notice.messages())).containsExactly("a");
            assertThat(notice.detail()).contains("ReceiptHandleIsInvalid");
        });
        assertThat(machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void triesADeleteAgainThatFailedAsAWhole() {
        receive(message("a"));
        ended(the(QueueCommand.Invoke.class), SUCCESS);
        on(new QueueEvent.DeleteFailed(the(QueueCommand.Delete.class).call(), NOT_THERE));
        assertThat(all(QueueCommand.Delete.class)).isEmpty();

        now = machine.nextWakeup();
        assertThat(now).isBetween(START.plusMillis(50), START.plusMillis(100));
        on(new QueueEvent.Tick());
        assertThat(ids(the(QueueCommand.Delete.class).messages())).containsExactly("a");
    }

    @Test
    void deletesFilteredMessagesWithoutInvocation() {
        receive(new QueueMessage("a", "h", null, 1, Payload.EMPTY, null, false));

        assertThat(all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(ids(the(QueueCommand.Delete.class).messages())).containsExactly("a");
    }

    @Test
    void letsAMessageGoThatNoEventCanCarry() {
        receive(new QueueMessage("a", "h", null, 1, Payload.of(new byte[6_300_000]), null, true));

        assertThat(letGo().reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void collectsUntilTheWindowEnds() {
        machine = machine(100, Duration.ofSeconds(7), 5, MappingOptions.DEFAULT);
        receive(message("a"));
        assertThat(all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(machine.snapshot().collecting()).isEqualTo(1);
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(7));

        at(Duration.ofSeconds(7).minusNanos(1));
        assertThat(all(QueueCommand.Invoke.class)).isEmpty();
        at(Duration.ofSeconds(7));
        assertThat(ids(the(QueueCommand.Invoke.class).messages())).containsExactly("a");
    }

    @Test
    void aWindowEndsBeforeItsMessagesBecomeVisibleAgain() {
        machine = machine(100, Duration.ofMinutes(5), 5, MappingOptions.DEFAULT);
        receive(message("a"));
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(29));

        machine = machine(100, Duration.ofMinutes(5), 5, options(new Heartbeat(Duration.ofSeconds(60)), null, false));
        now = START;
        run(Duration.ofSeconds(5));
        deliver(the(QueueCommand.Receive.class), message("a"));
        assertThat(machine.nextWakeup()).as("a tenth of a short timeout").isEqualTo(START.plusMillis(4_500));
    }

    @Test
    void keepsTheNewestHandleOfAMessageThatCameTwice() {
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        deliver(polls.get(0), message("a"));
        QueueCommand.Invoke invoke = the(QueueCommand.Invoke.class);
        deliver(polls.get(1), Messages.withHandle("a", "newer"));
        assertThat(notices()).singleElement().isInstanceOf(QueueNotice.DeliveredTwice.class);
        assertThat(machine.snapshot().heldMessages()).isEqualTo(1);

        ended(invoke, SUCCESS);
        assertThat(the(QueueCommand.Delete.class).messages().getFirst().receiptHandle())
                .isEqualTo("newer");
    }

    // ---- room ----

    @Test
    void receivesOnlyWhatFindsASlot() {
        machine = machine(10, Duration.ZERO, 1, MappingOptions.DEFAULT);
        run(Duration.ofSeconds(30));
        assertThat(all(QueueCommand.Receive.class)).as("one slot, one batch").hasSize(1);
        deliver(the(QueueCommand.Receive.class), message("a"));
        assertThat(all(QueueCommand.Receive.class)).isEmpty();

        ended(the(QueueCommand.Invoke.class), SUCCESS);
        assertThat(all(QueueCommand.Receive.class)).hasSize(1);
    }

    @Test
    void asksOnlyForWhatTheOpenBatchesHaveRoomFor() {
        machine = machine(15, Duration.ofSeconds(60), 1, MappingOptions.DEFAULT);
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        assertThat(polls).extracting(QueueCommand.Receive::maximum).containsExactly(10, 5);

        deliver(polls.get(0), message("a"), message("b"), message("c"));
        assertThat(the(QueueCommand.Receive.class).maximum()).as("15 - 3 - 5").isEqualTo(7);
    }

    @Test
    void neverAsksForMoreThanOneBatch() {
        machine = machine(3, Duration.ZERO, 5, MappingOptions.DEFAULT);
        run(Duration.ofSeconds(30));

        assertThat(the(QueueCommand.Receive.class).maximum()).isEqualTo(3);
    }

    @Test
    void stopsReceivingWhenItHoldsEnoughBytes() {
        machine = machine(10, Duration.ZERO, 5, 100, MappingOptions.DEFAULT);
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        deliver(polls.get(0), sized("a", 40));
        assertThat(all(QueueCommand.Receive.class))
                .as("40 held, 2 x 40 expected")
                .isEmpty();
        QueueCommand.Invoke invoke = the(QueueCommand.Invoke.class);
        deliver(polls.get(1), sized("b", 0));
        assertThat(all(QueueCommand.Receive.class)).as("40 held, 38 expected").hasSize(1);

        ended(invoke, ERROR);
        assertThat(machine.snapshot().heldBytes()).isZero();
        assertThat(all(QueueCommand.Receive.class)).hasSize(1);
    }

    @Test
    void receivesOneMessageAtLeastHoweverLarge() {
        machine = machine(10, Duration.ZERO, 5, 10, MappingOptions.DEFAULT);
        receive(sized("a", 40));
        ended(the(QueueCommand.Invoke.class), ERROR);

        assertThat(machine.snapshot().heldMessages()).isZero();
        assertThat(machine.snapshot().receives())
                .as("the other one is still open")
                .isEqualTo(1);
    }

    private static QueueMessage sized(String id, int bytes) {
        return new QueueMessage(id, "h", null, 1, Payload.of(new byte[bytes]), null, true);
    }

    // ---- outcomes ----

    @Test
    void keepsAThrottledBatchAndItsSlotUntilTheNextAttempt() {
        receive(message("a"));
        ended(the(QueueCommand.Invoke.class), new InvocationOutcome.Throttled("limit", Duration.ofSeconds(3)));
        assertThat(machine.snapshot().backingOff()).isEqualTo(1);
        assertThat(machine.snapshot().invoking()).isZero();
        assertThat(machine.nextWakeup()).as("longer than its own pause").isEqualTo(START.plusSeconds(3));

        at(Duration.ofSeconds(3));
        assertThat(the(QueueCommand.Invoke.class).attempt()).isEqualTo(2);
        ended(the(QueueCommand.Invoke.class), THROTTLED);
        assertThat(machine.nextWakeup()).as("second failure").isBetween(now.plusMillis(100), now.plusMillis(200));
    }

    @Test
    void letsAThrottledBatchGoBeforeItBecomesVisibleAgain() {
        receive(message("a"));
        ended(the(QueueCommand.Invoke.class), new InvocationOutcome.Throttled("limit", Duration.ofSeconds(60)));
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(29));

        at(Duration.ofSeconds(29).minusNanos(1));
        assertThat(notices()).isEmpty();
        at(Duration.ofSeconds(29));
        assertThat(letGo().reason()).isEqualTo(Reason.VISIBILITY_NEARLY_USED_UP);
        assertThat(letGo().detail()).isEqualTo("the function did not take the batch");
        assertThat(machine.snapshot().backingOff()).isZero();
        assertThat(machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void splitsABatchThatIsTooLarge() {
        receive(message("a"), message("b"), message("c"));
        ended(the(QueueCommand.Invoke.class), new InvocationOutcome.TooLarge("413"));

        assertThat(all(QueueCommand.Invoke.class))
                .extracting(invoke -> ids(invoke.messages()))
                .containsExactly(List.of("a", "b"), List.of("c"));
    }

    @Test
    void aFailedMessageHoldsBackTheLaterOnesOfItsGroup() {
        machine = machine(1, Duration.ZERO, 5, MappingOptions.DEFAULT);
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        deliver(polls.get(0), message("a", "x", 1));
        QueueCommand.Invoke first = the(QueueCommand.Invoke.class);
        deliver(polls.get(1), message("b", "x", 1));
        assertThat(all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(machine.snapshot().waiting()).isEqualTo(1);

        ended(first, ERROR);
        assertThat(notices())
                .extracting(notice -> ((LetGo) notice).reason())
                .containsExactly(Reason.FUNCTION_ERROR, Reason.MESSAGE_GROUP_HELD_BACK);
        assertThat(machine.snapshot().heldMessages()).isZero();
    }

    @Test
    void delaysFailedMessagesAndAGroupByItsFirstOne() {
        machine = machine(
                10,
                Duration.ZERO,
                5,
                options(null, new RetryBackoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(60)), false));
        receive(message("a", "x", 3), message("b", "x", 1), message("c", "y", 2));
        ended(the(QueueCommand.Invoke.class), ERROR);

        QueueCommand.ChangeVisibility change = the(QueueCommand.ChangeVisibility.class);
        assertThat(change.changes())
                .extracting(one -> one.timeout().toSeconds())
                .containsExactly(4L, 4L, 2L);
        on(new QueueEvent.VisibilityChanged(change.call(), Map.of("b", new EntryFailure("Refused", true))));
        assertThat(notices()).singleElement().isInstanceOfSatisfying(QueueNotice.VisibilityNotChanged.class, notice -> {
            assertThat(ids(notice.messages())).containsExactly("b");
        });
    }

    @Test
    void aHeartbeatThatFailsAsAWholeIsReported() {
        machine = machine(10, Duration.ZERO, 5, options(new Heartbeat(Duration.ofMinutes(5)), null, false));
        receive(message("a"));
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(15));
        at(Duration.ofSeconds(15));
        on(new QueueEvent.VisibilityChangeFailed(
                the(QueueCommand.ChangeVisibility.class).call(), NOT_THERE));

        assertThat(notices()).singleElement().isInstanceOf(QueueNotice.VisibilityNotChanged.class);
    }

    // ---- the breaker ----

    @Test
    void leavesTheQueueAloneWhileTheBreakerIsOpen() {
        run(Duration.ofSeconds(30));
        QueueCommand.Receive poll = the(QueueCommand.Receive.class);
        on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        deliver(poll, message("a"));

        assertThat(all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(all(QueueCommand.Receive.class)).isEmpty();
        assertThat(machine.snapshot().waiting()).isEqualTo(1);
        assertThat(machine.snapshot().health()).isEqualTo(FunctionHealth.SUSPENDED);
    }

    @Test
    void probesWithOneBatchAtATimeAndDoesNotWaitForItsPause() {
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        deliver(polls.get(0), message("a"));
        ended(the(QueueCommand.Invoke.class), new InvocationOutcome.Unavailable("refused", Duration.ofSeconds(20)));
        on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        deliver(polls.get(1), message("b"));

        on(new QueueEvent.FunctionHealthChanged(FunctionHealth.PROBING));
        assertThat(all(QueueCommand.Invoke.class)).hasSize(1);
        assertThat(ids(the(QueueCommand.Invoke.class).messages())).containsExactly("a");
        assertThat(all(QueueCommand.Receive.class)).isEmpty();

        ended(the(QueueCommand.Invoke.class), SUCCESS);
        assertThat(ids(the(QueueCommand.Invoke.class).messages())).containsExactly("b");
    }

    // ---- stopping ----

    @Test
    void stopsWhenEverythingInFlightHasEnded() {
        machine = machine(100, Duration.ofSeconds(60), 5, MappingOptions.DEFAULT);
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        deliver(polls.get(0), message("a"));
        on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.STOPPING);
        QueueCommand.Invoke first = the(QueueCommand.Invoke.class);
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(10));

        deliver(polls.get(1), message("b"));
        assertThat(all(QueueCommand.Receive.class)).isEmpty();
        QueueCommand.Invoke second = the(QueueCommand.Invoke.class);
        ended(first, ERROR);
        assertThat(machine.finished()).isFalse();
        ended(second, ERROR);
        finishOpenPolls();

        assertThat(machine.finished()).isTrue();
        assertThat(commands).last().isEqualTo(new QueueCommand.Finish());
        assertThat(machine.snapshot().phase()).isEqualTo(Phase.FINISHED);
        assertThat(machine.nextWakeup()).isEqualTo(Instant.MAX);
        on(new QueueEvent.Tick());
        assertThat(commands).isEmpty();
    }

    private void finishOpenPolls() {
        for (long call = 1; call < 20 && machine.snapshot().receives() > 0; call++) {
            on(new QueueEvent.ReceiveFailed(call, NOT_THERE));
        }
    }

    @Test
    void cancelsAtTheDeadlineAndEndsAfterItsGrace() {
        receive(message("a"));
        on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        on(new QueueEvent.StopRequested(START.plusSeconds(20)));
        assertThat(machine.nextWakeup()).as("the earlier deadline counts").isEqualTo(START.plusSeconds(10));

        at(Duration.ofSeconds(10));
        assertThat(commands).contains(new QueueCommand.CancelInvocations());
        assertThat(letGo().detail()).isEqualTo("interrupted");
        assertThat(machine.finished()).isTrue();
    }

    @Test
    void givesUnfinishedMessagesBackAtTheDeadlineWhenAskedTo() {
        machine = machine(10, Duration.ZERO, 5, options(null, null, true));
        receive(message("a"));
        on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        at(Duration.ofSeconds(10));
        QueueCommand.ChangeVisibility release = the(QueueCommand.ChangeVisibility.class);
        assertThat(release.changes())
                .singleElement()
                .satisfies(change -> assertThat(change.timeout()).isZero());
        assertThat(machine.finished()).as("the release is awaited").isFalse();
        assertThat(machine.nextWakeup()).isEqualTo(START.plusSeconds(12));

        at(Duration.ofSeconds(12).minusNanos(1));
        assertThat(machine.finished()).isFalse();
        at(Duration.ofSeconds(12));
        assertThat(machine.finished()).isTrue();
    }

    @Test
    void saysWhatWasNotDeletedWhenTheGraceIsOver() {
        receive(message("a"));
        ended(the(QueueCommand.Invoke.class), SUCCESS);
        on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        at(Duration.ofSeconds(10));
        assertThat(machine.finished()).isFalse();
        at(Duration.ofSeconds(12));

        assertThat(notices()).singleElement().isInstanceOfSatisfying(QueueNotice.NotDeleted.class, notice -> {
            assertThat(ids(notice.messages())).containsExactly("a");
        });
        assertThat(machine.finished()).isTrue();
    }

    @Test
    void doesNotWaitForAFunctionThatDoesNotAnswerWhenItStops() {
        receive(message("a"));
        ended(the(QueueCommand.Invoke.class), THROTTLED);
        on(new QueueEvent.StopRequested(START.plusSeconds(10)));
        assertThat(machine.snapshot().backingOff()).isEqualTo(1);

        on(new QueueEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        assertThat(letGo().reason()).isEqualTo(Reason.STOPPED);
        assertThat(letGo().detail()).isEqualTo("not invoked before the stop");
        assertThat(machine.snapshot().backingOff()).isZero();
    }

    @Test
    void knowsSinceWhenItsOldestLongPollIsOpen() {
        assertThat(machine.snapshot().oldestReceive()).isNull();
        run(Duration.ofSeconds(30));
        List<QueueCommand.Receive> polls = all(QueueCommand.Receive.class);
        now = START.plusSeconds(12);
        deliver(polls.getFirst());

        assertThat(machine.snapshot().oldestReceive()).isEqualTo(START);
        deliver(polls.get(1));
        assertThat(machine.snapshot().oldestReceive()).isEqualTo(now);
    }
}
