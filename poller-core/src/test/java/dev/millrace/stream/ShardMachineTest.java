package dev.millrace.stream;

import static dev.millrace.stream.Records.filtered;
import static dev.millrace.stream.Records.lanes;
import static dev.millrace.stream.Records.record;
import static dev.millrace.stream.Records.sized;
import static dev.millrace.stream.ShardDriver.ENDLESS;
import static dev.millrace.stream.ShardDriver.ERROR;
import static dev.millrace.stream.ShardDriver.SUCCESS;
import static dev.millrace.stream.ShardDriver.policy;
import static dev.millrace.stream.ShardDriver.rules;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.failure.LastInvocation;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand.Deliver;
import dev.millrace.stream.ShardCommand.End;
import dev.millrace.stream.ShardCommand.Finish;
import dev.millrace.stream.ShardCommand.Invoke;
import dev.millrace.stream.ShardCommand.Read;
import dev.millrace.stream.ShardCommand.Save;
import dev.millrace.stream.ShardCommand.SaveEnd;
import dev.millrace.stream.ShardNotice.Fate;
import dev.millrace.stream.ShardScenario.Settings;
import dev.millrace.stream.ShardSnapshot.Activity;
import dev.millrace.stream.ShardSnapshot.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardMachineTest {

    private static final Duration NO_LIMIT = Duration.ZERO;
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final InvocationOutcome THROTTLED = new InvocationOutcome.Throttled("limit", Duration.ZERO);

    private final ShardDriver shard = new ShardDriver(policy(2, 1, ENDLESS));

    private static StreamRecord[] records(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Records::record).toArray(StreamRecord[]::new);
    }

    // ---- reading ----

    @Test
    void readsOnWhileTheFunctionRuns() {
        shard.read(records(1, 2));
        assertThat(shard.invoked()).containsExactly("1-2");
        assertThat(shard.all(Read.class)).isEmpty();
        shard.after(Duration.ofSeconds(1));
        shard.read(records(3, 4));
        assertThat(shard.invoked()).as("one batch of a lane at a time").isEmpty();
        assertThat(shard.machine.snapshot().heldRecords()).isEqualTo(4);
    }

    @Test
    void readsNoMoreThanMayBeHeld() {
        ShardDriver full = new ShardDriver(
                new ShardPolicy(2, NO_LIMIT, NO_LIMIT, lanes(1), ENDLESS, null, ShardScript.PACING, 5, SavePace.LOCAL));
        assertThat(full.the(Read.class).maximum()).isEqualTo(5);
        full.read(records(1, 5));
        Invoke invoke = full.the(Invoke.class);
        full.after(Duration.ofSeconds(10));
        assertThat(full.all(Read.class)).isEmpty();
        assertThat(full.machine.nextWakeup()).isAfter(full.now);
        full.ended(invoke, SUCCESS);
        assertThat(full.the(Read.class).maximum()).isEqualTo(2);
    }

    @Test
    void readsNoMoreBytesThanMayBeHeldButAlwaysOneRecord() {
        shard.on(new ShardEvent.ConditionsChanged(ShardDriver.RETENTION, 1_000));
        shard.read(read(1), sized(1, 600), sized(2, 600));
        Invoke invoke = shard.the(Invoke.class);
        shard.after(Duration.ofSeconds(10));
        assertThat(shard.all(Read.class)).isEmpty();
        shard.ended(invoke, SUCCESS);
        assertThat(shard.the(Read.class).maximum()).isEqualTo(1);
        assertThat(shard.machine.snapshot().heldBytes()).isZero();
    }

    /** The read that the machine began with, before its conditions changed. */
    private static Read read(long call) {
        return new Read(call, new ReadPosition.TrimHorizon(), 1);
    }

    /** Waiting for records that cannot be read leads nowhere. */
    @Test
    void aFullShardClosesItsBatchesBeforeTheWindow() {
        ShardDriver full = new ShardDriver(new ShardPolicy(
                100, Duration.ofMinutes(5), NO_LIMIT, lanes(1), ENDLESS, null, ShardScript.PACING, 3, SavePace.LOCAL));
        full.read(records(1, 2));
        assertThat(full.invoked()).isEmpty();
        full.after(Duration.ofSeconds(1)).read(record(3));
        assertThat(full.invoked()).containsExactly("1-3");
    }

    @Test
    void reportsTroubleWithTheSourceAndItsEnd() {
        shard.readFails(Kind.ACCESS_DENIED);
        assertThat(shard.notices()).singleElement().isInstanceOf(ShardNotice.SourceTrouble.class);
        assertThat(Objects.requireNonNull(shard.machine.snapshot().problem()).kind())
                .isEqualTo(Kind.ACCESS_DENIED);
        shard.waitFor(shard.machine.nextWakeup());
        shard.read();
        assertThat(shard.notices()).containsExactly(new ShardNotice.SourceRecovered());
    }

    @Test
    void anExpiredIteratorIsNoTrouble() {
        shard.readFails(Kind.EXPIRED_ITERATOR);
        assertThat(shard.notices()).isEmpty();
        shard.waitFor(shard.machine.nextWakeup());
        shard.readFails(Kind.EXPIRED_ITERATOR);
        assertThat(shard.notices()).isEmpty();
    }

    /** Reading that never gets anywhere must not look like a quiet shard. */
    @Test
    void iteratorsThatExpireAgainAndAgainAreTrouble() {
        for (int i = 0; i < 2; i++) {
            shard.readFails(Kind.EXPIRED_ITERATOR);
            shard.waitFor(shard.machine.nextWakeup());
        }
        shard.readFails(Kind.EXPIRED_ITERATOR);
        assertThat(shard.notices()).singleElement().isInstanceOf(ShardNotice.SourceTrouble.class);
        shard.waitFor(shard.machine.nextWakeup());
        shard.read();
        assertThat(shard.notices()).containsExactly(new ShardNotice.SourceRecovered());
    }

    @Test
    void aTrimmedPositionIsAGap() {
        shard.read(records(1, 1)).after(Duration.ofSeconds(1)).readFails(Kind.TRIMMED);
        assertThat(shard.notices()).singleElement().isInstanceOf(ShardNotice.Gap.class);
        shard.waitFor(shard.machine.nextWakeup());
        assertThat(shard.the(Read.class).from()).isEqualTo(new ReadPosition.TrimHorizon());
    }

    @Test
    void filteredRecordsAreStoredTenSecondsLater() {
        shard.read(filtered(1), filtered(2));
        assertThat(shard.all(Save.class)).isEmpty();
        Read read = shard.after(Duration.ofMillis(9_999)).the(Read.class);
        assertThat(shard.all(Save.class)).isEmpty();
        shard.after(Duration.ofMillis(1));
        assertThat(shard.the(Save.class).progress().checkpoint().position()).isEqualTo(SequenceNumber.of("2"));
        shard.saved().read(read);
        assertThat(shard.after(Duration.ofMinutes(10).minus(MOMENT)).all(Save.class))
                .isEmpty();
        assertThat(shard.after(Duration.ofMillis(1)).all(Save.class))
                .as("the time that was read up to")
                .hasSize(1);
    }

    // ---- ends ----

    @Test
    void storesTheEndWhenEverythingIsSettledAndStored() {
        shard.readToEnd(records(1, 2));
        assertThat(shard.machine.snapshot().phase()).isEqualTo(Phase.DRAINING);
        shard.ended(shard.the(Invoke.class), SUCCESS);
        assertThat(shard.all(SaveEnd.class)).isEmpty();
        SaveEnd end = shard.saved().the(SaveEnd.class);
        assertThat(end.progress().finished()).isTrue();
        assertThat(shard.machine.nextWakeup()).isEqualTo(Instant.MAX);

        shard.on(new ShardEvent.SaveFailed(end.call(), "disk full"));
        assertThat(shard.notices()).singleElement().isInstanceOf(ShardNotice.StoreTrouble.class);
        shard.waitFor(shard.machine.nextWakeup());
        shard.on(new ShardEvent.Saved(shard.the(SaveEnd.class).call()));
        assertThat(shard.commands)
                .containsExactly(new ShardCommand.Report(new ShardNotice.StoreRecovered()), new Finish(End.SHARD_END));
        assertThat(shard.machine.end()).isEqualTo(End.SHARD_END);
        assertThat(shard.machine.snapshot().phase()).isEqualTo(Phase.FINISHED);
        assertThat(shard.on(new ShardEvent.Tick()).commands).isEmpty();
    }

    /** The end may have been stored although nobody heard so: nothing may say otherwise after it. */
    @Test
    void whatMayBeStoredAsTheEndIsNotStoredAsAnythingElse() {
        SaveEnd end = shard.readToEnd().the(SaveEnd.class);
        shard.stop(Duration.ofSeconds(10));
        assertThat(shard.commands).isEmpty();
        shard.on(new ShardEvent.SaveFailed(end.call(), "lost"));
        shard.waitFor(shard.machine.nextWakeup());
        assertThat(shard.all(Save.class)).isEmpty();
        shard.on(new ShardEvent.Saved(shard.the(SaveEnd.class).call()));
        assertThat(shard.machine.end()).isEqualTo(End.SHARD_END);
    }

    /** Whoever has finished it was killed before the lease was gone, so that it is assigned once more. */
    @Test
    void whatIsFinishedAlreadyIsNotReadAgain() {
        ShardProgress finished = shard.readToEnd(records(1, 2))
                .ended(shard.the(Invoke.class), SUCCESS)
                .saved()
                .the(SaveEnd.class)
                .progress();
        ShardDriver again = new ShardDriver(policy(2, 1, ENDLESS), finished);

        assertThat(again.all(Read.class)).isEmpty();
        assertThat(again.the(SaveEnd.class).progress()).isEqualTo(finished);
    }

    @Test
    void stopsAtTheLatestTwoSecondsAfterTheDeadlineWhateverTheStoreDoes() {
        shard.readToEnd();
        shard.stop(Duration.ofSeconds(10));
        assertThat(shard.machine.nextWakeup()).isEqualTo(shard.now.plusSeconds(10));
        shard.waitFor(shard.machine.nextWakeup());
        assertThat(shard.machine.nextWakeup()).isEqualTo(shard.now.plusSeconds(2));
        shard.waitFor(shard.machine.nextWakeup());
        assertThat(shard.machine.end()).isEqualTo(End.STOPPED);
    }

    @Test
    void theEarliestDeadlineHolds() {
        shard.read(records(1, 2));
        shard.stop(Duration.ofSeconds(10)).stop(Duration.ofSeconds(20));
        assertThat(shard.machine.nextWakeup()).isEqualTo(shard.now.plusSeconds(10));
        shard.stop(Duration.ofSeconds(5));
        assertThat(shard.machine.nextWakeup()).isEqualTo(shard.now.plusSeconds(5));
    }

    @Test
    void aReadInFlightDoesNotDelayAStop() {
        shard.read(records(1, 2));
        Invoke invoke = shard.the(Invoke.class);
        Read read = shard.after(Duration.ofSeconds(1)).the(Read.class);
        shard.stop(Duration.ofSeconds(10)).saved();
        shard.read(read, records(3, 4));
        assertThat(shard.machine.snapshot().heldRecords()).isEqualTo(2);
        shard.ended(invoke, SUCCESS);
        assertThat(shard.the(Save.class).progress().checkpoint().position()).isEqualTo(SequenceNumber.of("2"));
    }

    @Test
    void aStopWithNothingToDoEndsAtOnce() {
        shard.stop(Duration.ofSeconds(10));
        assertThat(shard.commands).containsExactly(new Finish(End.STOPPED));
    }

    @Test
    void whatWasWithTheFunctionIsFinishedUntilTheDeadline() {
        ShardDriver once =
                new ShardDriver(policy(2, 1, rules(0, NO_LIMIT, false), new ShardPolicy.Delivery(NO_LIMIT, true)));
        once.read(records(1, 4));
        Invoke invoke = once.the(Invoke.class);
        once.stop(Duration.ofSeconds(10)).saved().ended(invoke, ERROR);
        Deliver deliver = once.the(Deliver.class);
        once.on(new ShardEvent.Delivered(deliver.number()));
        assertThat(once.invoked()).as("nothing new").isEmpty();
        once.saved();
        assertThat(once.commands)
                .containsExactly(new ShardCommand.Report(new ShardNotice.LetGo(0, 2, false)), new Finish(End.STOPPED));
    }

    /** A call may end at the moment at which it is cancelled. */
    @Test
    void anAnswerThatComesAfterTheDeadlineDoesNotKeepTheRestFromBeingStored() {
        ShardDriver two =
                new ShardDriver(policy(1, 2, rules(0, NO_LIMIT, false), new ShardPolicy.Delivery(NO_LIMIT, true)));
        two.read(record(1, "a"), record(2, "b"), record(3, "c"), record(4, "d"));
        Invoke first = two.all(Invoke.class).getFirst();
        Invoke other = two.all(Invoke.class).getLast();
        two.ended(first, SUCCESS);
        Save save = two.stop(Duration.ofSeconds(10)).the(Save.class);
        two.after(Duration.ofSeconds(10));
        assertThat(two.commands).contains(new ShardCommand.CancelInvocations());

        two.ended(other, SUCCESS);
        assertThat(two.commands).isEmpty();
        two.on(new ShardEvent.Saved(save.call()));
        assertThat(two.machine.end()).isEqualTo(End.STOPPED);
    }

    @Test
    void theLeaseIsLostAtOnce() {
        shard.read(records(1, 2));
        shard.on(new ShardEvent.LeaseLost());
        assertThat(shard.commands).containsExactly(new ShardCommand.CancelInvocations(), new Finish(End.LEASE_LOST));
    }

    @Test
    void aShardThatIsGoneEndsWithAGapWhenItsReadingSaysSo() {
        shard.read();
        shard.on(new ShardEvent.ShardGone());
        assertThat(shard.commands).as("it can still be read").isEmpty();
        shard.after(Duration.ofSeconds(1)).readFails(Kind.NOT_FOUND);
        shard.on(new ShardEvent.ShardGone());
        assertThat(shard.notices()).singleElement().isInstanceOf(ShardNotice.Gap.class);
        assertThat(shard.all(SaveEnd.class)).hasSize(1);
        shard.on(new ShardEvent.ShardGone());
        assertThat(shard.notices()).isEmpty();
    }

    /** Of a shard that was born this moment neither the listing nor reading may have heard. */
    @Test
    void aShardThatWasNeverSeenIsTakenForGoneOnlyAfterAWhile() {
        shard.readFails(Kind.NOT_FOUND);
        shard.on(new ShardEvent.ShardGone());
        assertThat(shard.notices()).isEmpty();
        shard.after(ShardLineage.UNSETTLED.minusMillis(1)).on(new ShardEvent.ShardGone());
        assertThat(shard.notices()).isEmpty();

        shard.after(Duration.ofMillis(1)).on(new ShardEvent.ShardGone());
        assertThat(shard.notices()).singleElement().isInstanceOf(ShardNotice.Gap.class);
        assertThat(shard.all(SaveEnd.class)).hasSize(1);
    }

    @Test
    void refusesAnswersToCallsThatAreNotInFlight() {
        assertThatThrownBy(() -> shard.on(new ShardEvent.Delivered(7))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> shard.on(new ShardEvent.Invoked(7, SUCCESS, "", "", null)))
                .isInstanceOf(IllegalArgumentException.class);
        shard.read(records(1, 2));
        long invocation = shard.the(Invoke.class).batch();
        assertThatThrownBy(() -> shard.on(new ShardEvent.Delivered(invocation)))
                .as("an invocation is no delivery")
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- the function ----

    @Test
    void invokesNothingWhileTheBreakerIsOpenAndOneBatchWhileItIsHalfOpen() {
        ShardDriver lanes = new ShardDriver(policy(1, 4, ENDLESS));
        lanes.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        lanes.read(read(1), record(1, "a"), record(2, "b"), record(3, "c"));
        assertThat(lanes.invoked()).isEmpty();
        lanes.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.PROBING));
        assertThat(lanes.invoked()).hasSize(1);
        Invoke probe = lanes.the(Invoke.class);
        assertThat(lanes.after(Duration.ofSeconds(5)).invoked()).isEmpty();
        lanes.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.AVAILABLE));
        assertThat(lanes.invoked()).as("the other lanes").hasSize(2);
        lanes.ended(probe, SUCCESS);
    }

    @Test
    void whoDidNotReachTheFunctionTriesAtOnceWhenItIsBack() {
        shard.read(records(1, 2));
        shard.ended(shard.the(Invoke.class), THROTTLED);
        assertThat(shard.machine.nextWakeup()).isAfter(shard.now);
        shard.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        assertThat(shard.invoked()).isEmpty();
        shard.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.PROBING));
        assertThat(shard.invoked()).containsExactly("1-2");
    }

    @Test
    void aFailedBatchKeepsItsPauseWhenTheFunctionIsBack() {
        shard.read(records(1, 2));
        shard.ended(shard.the(Invoke.class), ERROR);
        shard.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.AVAILABLE));
        assertThat(shard.invoked()).isEmpty();
    }

    @Test
    void waitsForTheStoreAfterFourBatches() {
        shard.read(records(1, 20));
        shard.ended(shard.the(Invoke.class), SUCCESS);
        Save save = shard.ended(shard.the(Invoke.class), SUCCESS).the(Save.class);
        for (int i = 0; i < 2; i++) {
            shard.ended(shard.the(Invoke.class), SUCCESS);
        }
        assertThat(shard.invoked()).as("four are not stored").isEmpty();
        assertThat(shard.machine.snapshot().unsaved()).isEqualTo(4);
        shard.on(new ShardEvent.Saved(save.call()));
        assertThat(shard.invoked()).containsExactly("9-10");
        assertThat(shard.all(Save.class)).hasSize(1);
    }

    @Test
    void refusesNothingThatAnEventCanCarryAndGivesUpWhatItCannot() {
        shard.read(sized(1, 6_291_456), sized(2, 10));
        assertThat(shard.invoked()).containsExactly("2");
        ShardNotice.Discarded notice = (ShardNotice.Discarded) shard.notices().getFirst();
        assertThat(notice.fate()).isEqualTo(Fate.DROPPED);
        assertThat(notice.discard().reason()).isEqualTo(DiscardReason.RECORD_TOO_LARGE);
        assertThat(notice.discard().invocations()).isZero();
        assertThat(notice.discard().last()).isNull();
    }

    @Test
    void aDiscardTellsTheLastInvocationThatRan() {
        ShardDriver once = new ShardDriver(policy(2, 1, rules(0, NO_LIMIT, false)));
        once.read(records(1, 2));
        once.ended(once.the(Invoke.class), new InvocationOutcome.BatchItemFailures(List.of("1")));
        assertThat(discarded(once).last()).isEqualTo(new LastInvocation("r2", "$LATEST", null));

        ShardDriver error = new ShardDriver(policy(2, 1, rules(0, NO_LIMIT, false)));
        error.read(records(1, 2));
        error.ended(error.the(Invoke.class), ERROR);
        assertThat(discarded(error).last()).isEqualTo(new LastInvocation("r2", "$LATEST", "Unhandled"));

        ShardDriver large = new ShardDriver(policy(1, 1, rules(0, NO_LIMIT, false)));
        large.read(records(1, 1));
        large.ended(large.the(Invoke.class), new InvocationOutcome.TooLarge("413"));
        assertThat(discarded(large).last()).as("it did not run").isNull();
    }

    private static Discard discarded(ShardDriver shard) {
        return ((ShardNotice.Discarded) shard.notices().getFirst()).discard();
    }

    /** AWS tries until the record expires in the stream (spec 4.1). */
    @Test
    void aBatchThatFailsIsGivenUpWhenTheStreamForgetsIt() {
        shard.read(records(1, 2));
        shard.ended(shard.the(Invoke.class), THROTTLED);
        shard.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        Instant forgotten = Records.START.plus(ShardDriver.RETENTION).plusMillis(1);
        shard.waitFor(forgotten.minusMillis(1));
        assertThat(shard.all(ShardCommand.Report.class)).isEmpty();
        shard.waitFor(forgotten);
        assertThat(discarded(shard).reason()).isEqualTo(DiscardReason.RECORD_AGE_EXCEEDED);
        assertThat(discarded(shard).records()).hasSize(2);
    }

    @Test
    void whatHasNotFailedIsInvokedThoughTheStreamHasForgottenIt() {
        Read read = shard.the(Read.class);
        shard.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        shard.read(read, records(1, 2));
        shard.waitFor(Records.START.plus(ShardDriver.RETENTION).plusSeconds(1));
        shard.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.AVAILABLE));
        assertThat(shard.invoked()).containsExactly("1-2");
    }

    /** What is too old is given up when it becomes so, also while its lane waits for something else. */
    @Test
    void ageEndsTheWaitForAFunctionThatIsDown() {
        ShardDriver aged = new ShardDriver(policy(2, 1, rules(-1, Duration.ofSeconds(60), false)));
        aged.read(records(1, 2));
        aged.ended(aged.the(Invoke.class), THROTTLED);
        aged.on(new ShardEvent.FunctionHealthChanged(FunctionHealth.SUSPENDED));
        Read read = aged.after(Duration.ofSeconds(1)).the(Read.class);
        assertThat(aged.machine.nextWakeup()).isEqualTo(Records.START.plusSeconds(10));
        aged.after(Duration.ofSeconds(30)).saved();
        assertThat(aged.machine.nextWakeup()).isEqualTo(Records.START.plusMillis(60_001));
        aged.waitFor(Records.START.plusSeconds(60));
        assertThat(aged.notices()).isEmpty();
        aged.waitFor(Records.START.plusMillis(60_001));
        assertThat(discarded(aged).reason()).isEqualTo(DiscardReason.RECORD_AGE_EXCEEDED);
        assertThat(discarded(aged).invocations()).isEqualTo(1);
        aged.read(read);
    }

    @Test
    void readsNoMoreWhenExactlyAllBytesAreTaken() {
        shard.on(new ShardEvent.ConditionsChanged(ShardDriver.RETENTION, 1_000));
        shard.read(read(1), sized(1, 999));
        assertThat(shard.after(Duration.ofSeconds(1)).all(Read.class)).hasSize(1);
        shard.read(sized(2, 1));
        assertThat(shard.after(Duration.ofSeconds(1)).all(Read.class)).isEmpty();
    }

    @Test
    void tellsAtTheDeadlineWhatIsLetGoOfAndWhetherItWasInterrupted() {
        shard.read(records(1, 4));
        Invoke invoke = shard.the(Invoke.class);
        shard.stop(Duration.ofSeconds(1));
        assertThat(shard.machine.snapshot().phase()).isEqualTo(Phase.STOPPING);
        shard.after(Duration.ofSeconds(1));
        assertThat(shard.commands).containsExactly(new ShardCommand.CancelInvocations());
        assertThat(lane(shard).activity()).as("what it stores is on its way").isEqualTo(Activity.WAITING);
        assertThat(shard.machine.snapshot().health()).isEqualTo(FunctionHealth.AVAILABLE);
        shard.after(Duration.ofSeconds(2));
        assertThat(shard.notices()).containsExactly(new ShardNotice.LetGo(0, 4, true));

        ShardDriver calm = new ShardDriver(policy(2, 1, ENDLESS));
        calm.read(records(1, 4));
        Invoke other = calm.the(Invoke.class);
        calm.stop(Duration.ofSeconds(1)).ended(other, SUCCESS);
        calm.after(Duration.ofSeconds(3));
        assertThat(calm.notices()).containsExactly(new ShardNotice.LetGo(0, 2, false));
        assertThat(invoke).isEqualTo(other);
    }

    // ---- for people ----

    @Test
    void tellsWhatALaneIsDoing() {
        shard.read(records(1, 3));
        Invoke invoke = shard.the(Invoke.class);
        ShardSnapshot.LaneSnapshot lane = shard.machine.snapshot().lanes().getFirst();
        assertThat(lane.activity()).isEqualTo(Activity.INVOKING);
        assertThat(lane.first()).isEqualTo(SequenceNumber.of("1"));
        assertThat(lane.last()).isEqualTo(SequenceNumber.of("2"));
        assertThat(lane.attempt()).isEqualTo(1);
        assertThat(lane.waiting()).isEqualTo(1);
        assertThat(lane.blockedSince()).isNull();

        shard.now = shard.now.plusSeconds(1);
        shard.ended(invoke, ERROR);
        lane = shard.machine.snapshot().lanes().getFirst();
        assertThat(lane.activity()).isEqualTo(Activity.BACKING_OFF);
        assertThat(lane.lastError()).isEqualTo("Error: boom");
        assertThat(lane.blockedSince()).isEqualTo(shard.now);
        assertThat(lane.retryAt()).isAfter(shard.now);
        assertThat(lane.attempt()).isEqualTo(1);
        assertThat(shard.machine.snapshot().phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void tellsWhenTheFirstRecordOfABatchIsLost() {
        shard.read(records(1, 2));
        ShardSnapshot snapshot = shard.machine.snapshot();
        Instant trimmed = Records.START.plus(ShardDriver.RETENTION);
        assertThat(snapshot.trimmedAt(lane(shard))).contains(trimmed);
        assertThat(snapshot.lostAt(lane(shard))).contains(trimmed);
        ShardDriver aged = new ShardDriver(policy(2, 1, rules(-1, Duration.ofSeconds(60), false)));
        assertThat(aged.machine.snapshot().trimmedAt(lane(aged))).as("no batch").isEmpty();
        aged.read(records(1, 2));
        assertThat(aged.machine.snapshot().lostAt(lane(aged))).contains(Records.START.plusSeconds(60));
        aged.on(new ShardEvent.ConditionsChanged(null, 1_000));
        assertThat(aged.machine.snapshot().trimmedAt(lane(aged)))
                .as("retention unknown")
                .isEmpty();
    }

    @Test
    void tellsAnUndeliveredDiscard() {
        ShardDriver once = new ShardDriver(
                policy(2, 1, rules(0, NO_LIMIT, false), new ShardPolicy.Delivery(Duration.ofSeconds(9), false)));
        once.read(records(1, 2));
        once.ended(once.the(Invoke.class), ERROR);
        assertThat(lane(once).activity()).isEqualTo(Activity.DELIVERING);
        once.on(new ShardEvent.DeliveryFailed(once.the(Deliver.class).number(), false, "down"));
        assertThat(lane(once).activity()).isEqualTo(Activity.UNDELIVERED);
        assertThat(lane(once).lastError()).isEqualTo("down");
        assertThat(lane(once).retryAt()).isEqualTo(once.machine.nextWakeup());
        once.waitFor(once.machine.nextWakeup());
        once.on(new ShardEvent.DeliveryFailed(once.the(Deliver.class).number(), true, "too large"));
        assertThat(((ShardNotice.Discarded) once.notices().getFirst()).fate()).isEqualTo(Fate.UNDELIVERABLE);
    }

    private static ShardSnapshot.LaneSnapshot lane(ShardDriver shard) {
        return shard.machine.snapshot().lanes().getFirst();
    }

    /** Two batches for each lane, but enough for one read to fill many small ones. */
    @Test
    void derivesTheRecordsThatMayBeHeldFromBatchesAndLanes() {
        boolean many = false;
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Settings settings = ShardScenario.random(random).settings(random);
            EventSourceMapping mapping = settings.mapping();
            EventSourceMapping large = new EventSourceMapping(
                    mapping.uuid(),
                    mapping.eventSourceArn(),
                    mapping.function(),
                    true,
                    10_000,
                    mapping.maximumBatchingWindow(),
                    mapping.filterPatterns(),
                    false,
                    mapping.source(),
                    mapping.metrics(),
                    null,
                    mapping.tags(),
                    mapping.options());
            if (settings.options().maximumRecordsInFlight().isEmpty()) {
                many = true;
                assertThat(settings.policy().maximumRecords()).isEqualTo(10_000);
                assertThat(ShardPolicy.of(large, settings.pacing(), settings.keying(), SavePace.LOCAL)
                                .maximumRecords())
                        .isEqualTo(20_000 * settings.members().parallelizationFactor());
            }
        }
        assertThat(many).isTrue();
    }
}
