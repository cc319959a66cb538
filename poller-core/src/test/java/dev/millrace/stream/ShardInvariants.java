package dev.millrace.stream;

import dev.millrace.checkpoint.Lanes;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.MappingOptions.OnFailure;
import dev.millrace.mapping.MappingOptions.WhenUndeliverable;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.LaneModel.Doing;
import dev.millrace.stream.ShardNotice.Fate;
import dev.millrace.stream.ShardScenario.Settings;
import dev.millrace.stream.ShardSnapshot.Activity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of one shard at every moment of a simulated run: at least one tight rule for each member of a mapping,
 * worked out from the mapping itself. A rule says what must not happen, and what must have happened by now.
 */
final class ShardInvariants {

    private static final Duration STOP_GRACE = Duration.ofSeconds(2);
    private static final int MOST_TURNS_AT_ONE_MOMENT = 500;

    private final SimulatedShard shard;
    private final ShardSimulation.Agenda agenda;
    private final Duration disorder;

    // ---- over all runs ----

    final List<Discard> givenUp = new ArrayList<>();
    private ShardProgress stored;
    boolean ended;

    // ---- the present run ----

    private Settings settings;
    private ShardProgress start;
    private List<LaneModel> lanes = List.of();
    private @Nullable WindowModel window;
    private final Map<Long, LaneModel> inFlight = new HashMap<>();
    /** What was in flight when it was cancelled: that it has ended means nothing any more. */
    private final Set<Long> cancelled = new HashSet<>();

    private final Duration retention;
    private final ReadsModel reads;
    private final SavesModel saves;
    private final RecordsModel records;
    /** There was no room to read more when the turn began; what was given up in it may have made some. */
    private boolean fullInTurn;

    private FunctionHealth health = FunctionHealth.AVAILABLE;
    private @Nullable Instant deadline;
    private boolean finished;
    private String lastRequest = "";
    private Instant lastTurn = Instant.MIN;
    private int turnsAtOneMoment;

    ShardInvariants(
            SimulatedShard shard,
            ShardSimulation.Agenda agenda,
            ShardScenario scenario,
            Settings settings,
            ShardProgress first) {
        this.shard = shard;
        this.agenda = agenda;
        this.disorder = scenario.disorder();
        this.settings = settings;
        this.start = first;
        this.stored = first;
        this.retention = scenario.retention();
        this.reads = new ReadsModel(shard, agenda, retention);
        this.saves = new SavesModel(agenda);
        this.records = new RecordsModel(shard, reads, first);
    }

    // ---- runs ----

    void begin(Settings with, ShardProgress from) {
        settings = with;
        start = from;
        check(from.equals(stored), "begins with what was not stored");
        check(!ended, "begins again after the shard's end");
        records.begin(with.keying(), from.checkpoint());
        inFlight.clear();
        cancelled.clear();
        health = FunctionHealth.AVAILABLE;
        deadline = null;
        finished = false;
        window = with.members().tumblingWindow().isZero()
                ? null
                : new WindowModel(with.members().tumblingWindow(), from.window(), agenda.now);
        lanes = IntStream.range(0, with.members().parallelizationFactor())
                .mapToObj(_ -> new LaneModel(with.mapping(), retention, window))
                .toList();
        reads.begin(with, from);
        saves.begin(lanes.size(), with.savePace());
    }

    /** The store holds this from now on. */
    void stored(ShardProgress progress) {
        SequenceNumber before = stored.checkpoint().position();
        SequenceNumber after = progress.checkpoint().position();
        check(
                before == null || (after != null && !before.isAfter(after)),
                () -> "the position moves back from " + before + " to " + after);
        stored = progress;
        ended |= progress.finished();
    }

    // ---- a turn ----

    void turn(ShardEvent event, List<ShardCommand> commands, ShardSnapshot snapshot) {
        turnsAtOneMoment = agenda.now.equals(lastTurn) ? turnsAtOneMoment + 1 : 0;
        lastTurn = agenda.now;
        check(turnsAtOneMoment < MOST_TURNS_AT_ONE_MOMENT, "the machine spins");
        check(!finished, "a turn after the end");
        told(event);
        fullInTurn = !records.isRoomLeft(settings);
        adapt();
        for (ShardCommand command : commands) {
            check(!finished, () -> "a command after the end: " + command);
            obey(command, event);
            adapt();
        }
        reads.gapReported();
        if (!finished) {
            compare(snapshot);
            nothingLeftToDo();
        }
    }

    private void adapt() {
        if (deadline == null) {
            lanes.forEach(LaneModel::adapt);
        }
    }

    private void told(ShardEvent event) {
        switch (event) {
            case ShardEvent.Tick _ -> {}
            case ShardEvent.Read answered -> {
                if (reads.answered(answered, deadline != null)) {
                    answered.read().records().forEach(this::came);
                    Duration behind = answered.read().behindLatest();
                    if (window != null && behind != null && !behind.isZero()) {
                        window.record(agenda.now);
                    }
                    saves.advanced(answered.read().records().isEmpty());
                }
            }
            case ShardEvent.ReadFailed(var call, var problem) -> {
                reads.failed(call, problem, deadline != null);
                if (window != null) {
                    window.record(agenda.now);
                }
            }
            case ShardEvent.Invoked invoked when cancelled.contains(invoked.batch()) -> {}
            case ShardEvent.Invoked invoked -> invoked(invoked);
            case ShardEvent.Delivered(var number) when cancelled.contains(number) -> {}
            case ShardEvent.Delivered(var number) -> delivered(number);
            case ShardEvent.DeliveryFailed failed when cancelled.contains(failed.discard()) -> {}
            case ShardEvent.DeliveryFailed failed -> deliveryFailed(failed);
            case ShardEvent.Saved(var call) -> saves.saved(call);
            case ShardEvent.SaveFailed(var call, var _) -> saves.failed(call);
            case ShardEvent.FunctionHealthChanged(var changed) -> {
                health = changed;
                if (changed != FunctionHealth.SUSPENDED) {
                    lanes.forEach(lane -> lane.functionIsBack(agenda.now));
                }
            }
            case ShardEvent.ConditionsChanged _ -> {}
            case ShardEvent.ShardGone _ -> reads.gone();
            case ShardEvent.LeaseLost _ -> inFlight.clear();
            case ShardEvent.StopRequested(var by) -> {
                deadline = by;
                saves.hurry();
            }
        }
    }

    // ---- records ----

    private void came(StreamRecord record) {
        if (records.came(record)) {
            lanes.get(Lanes.of(record.key(), lanes.size())).add(record, agenda.now);
            if (window != null) {
                window.record(agenda.now);
            }
        }
    }

    private void settle(List<StreamRecord> done) {
        saves.settled();
        records.settle(done);
    }

    // ---- invocations ----

    private void invoked(ShardEvent.Invoked event) {
        LaneModel lane = Objects.requireNonNull(inFlight.remove(event.batch()));
        lastRequest = event.requestId();
        LaneModel.Part part = Objects.requireNonNull(lane.head());
        boolean wasFinal = part.records.isEmpty();
        List<StreamRecord> done = lane.invoked(event.outcome(), agenda.now);
        boolean complete = event.outcome() instanceof InvocationOutcome.Succeeded;
        if (!done.isEmpty() || complete) {
            if (window != null && event.state() != null && !wasFinal) {
                window.answered(event.state());
            }
            if (window != null && wasFinal) {
                window.close();
            }
            saves.functionDone();
            settle(done);
        }
    }

    private void invoke(ShardCommand.Invoke invoke) {
        LaneModel lane = lanes.get(invoke.lane());
        form(lane);
        LaneModel.Part part = lane.head();
        check(deadline == null, "invokes although it stops");
        check(part != null && lane.doing == Doing.NOTHING, () -> "two batches of a lane at a time: " + invoke);
        if (part == null) {
            return;
        }
        check(invoke.records().equals(part.records), () -> "not the records that are next: " + invoke);
        check(invoke.attempt() == part.invocations + 1, () -> "attempt " + invoke.attempt());
        check(invoke.records().size() <= settings.mapping().batchSize(), "above BatchSize");
        check(lane.fits(invoke.records()), "an event above 6 MB");
        check(lane.expired(agenda.now) == 0, "older than MaximumRecordAge");
        check(
                !agenda.now.isBefore(lane.earliest),
                () -> "before its pause is over, which is at least until " + lane.earliest);
        check(health != FunctionHealth.SUSPENDED, "invokes although the breaker is open");
        check(
                health != FunctionHealth.PROBING || lanes.stream().noneMatch(other -> other.doing == Doing.INVOKING),
                "invokes more than one batch although the breaker is half open");
        check(
                saves.unsaved() < settings.savePace().unsavedPerLane() * lanes.size(),
                "invokes although too much is not stored");
        records.inKeyOrder(invoke.records());
        StreamRecord first =
                invoke.records().isEmpty() ? null : invoke.records().getFirst();
        WindowModel.check(window, invoke.window(), first);
        lane.doing = Doing.INVOKING;
        inFlight.put(invoke.batch(), lane);
        int most = (settings.savePace().unsavedPerLane() + 1) * lanes.size() - 1;
        check(
                saves.unsavedInvocations() + invoking() <= most,
                () -> "a crash would repeat more than " + most + " batches");
    }

    private long invoking() {
        return lanes.stream().filter(lane -> lane.doing == Doing.INVOKING).count();
    }

    /** The lane has taken its next batch: that must have been due. */
    private void form(LaneModel lane) {
        if (lane.head() == null) {
            check(lane.closes(reads.atEnd(), fullInTurn, agenda.now), "a batch is closed before its time");
            lane.form(reads.atEnd(), agenda.now);
            lane.adapt();
        }
    }

    // ---- giving up ----

    private LaneModel laneOf(Discard discard) {
        return lanes.get(Lanes.of(discard.records().getFirst().key(), lanes.size()));
    }

    private void discard(LaneModel lane, Discard discard) {
        form(lane);
        LaneModel.Part part = lane.head();
        int count = discard.records().size();
        boolean prefix = part != null
                && count <= part.records.size()
                && part.records.subList(0, count).equals(discard.records());
        check(prefix, () -> "gives up what is not next: " + discard);
        if (part == null) {
            return;
        }
        boolean right = switch (discard.reason()) {
            case RECORD_AGE_EXCEEDED -> count == lane.expired(agenda.now);
            case RETRY_ATTEMPTS_EXHAUSTED ->
                lane.mustDiscard == discard.reason()
                        && count == part.records.size()
                        && discard.last() != null
                        && discard.last().requestId().equals(lastRequest);
            case RECORD_TOO_LARGE ->
                count == 1
                        && part.records.size() == 1
                        && (lane.mustDiscard == discard.reason() || !lane.fits(part.records));
        };
        check(right, () -> "gives up for no reason: " + discard);
        check(discard.invocations() == part.invocations, () -> "wrong invocations: " + discard);
        check(discard.at().equals(agenda.now), () -> "given up at another time: " + discard);
        WindowModel.check(window, discard.window(), discard.records().getFirst());
        lane.mustDiscard = null;
        lane.discard = discard;
    }

    private void deliver(ShardCommand.Deliver deliver, ShardEvent event) {
        LaneModel lane = laneOf(deliver.discard());
        // What was with the function when the stop came is finished until the deadline.
        check(deadline == null || event instanceof ShardEvent.Invoked, "delivers although it stops");
        check(settings.hasDestination(), "delivers without a destination");
        if (lane.doing == Doing.UNDELIVERED) {
            check(deliver.discard().equals(lane.discard), "another discard than the one that is owed");
            check(!agenda.now.isBefore(lane.deliverFrom), "delivers again before its pause is over");
        } else {
            check(lane.doing == Doing.NOTHING, "delivers while the lane is busy");
            discard(lane, deliver.discard());
            lane.deliveringSince = agenda.now;
            lane.deliveryFailures = 0;
        }
        lane.doing = Doing.DELIVERING;
        inFlight.put(deliver.number(), lane);
    }

    private @Nullable Fate mustBe;

    private void delivered(long number) {
        Objects.requireNonNull(inFlight.remove(number));
        mustBe = Fate.DELIVERED;
    }

    private void deliveryFailed(ShardEvent.DeliveryFailed failed) {
        LaneModel lane = Objects.requireNonNull(inFlight.remove(failed.discard()));
        OnFailure policy = settings.options().onFailure();
        boolean block = policy.whenUndeliverable() == WhenUndeliverable.BLOCK;
        lane.doing = Doing.UNDELIVERED;
        lane.deliveryFailures++;
        Instant limit = block ? Instant.MAX : lane.deliveringSince.plus(policy.delivery());
        if (!block && (failed.permanent() || !agenda.now.isBefore(limit))) {
            mustBe = Fate.UNDELIVERABLE;
            return;
        }
        long full = Math.min(30_000, 500L << Math.min(20, lane.deliveryFailures - 1));
        lane.deliverFrom = earlier(agenda.now.plusMillis(full - full / 2), limit);
        lane.deliverTo = earlier(agenda.now.plusMillis(full), limit);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private void discarded(Discard discard, Fate fate) {
        LaneModel lane = laneOf(discard);
        if (!settings.hasDestination()) {
            check(fate == Fate.DROPPED, () -> "dropped as " + fate);
            discard(lane, discard);
        } else {
            check(fate == mustBe, () -> fate + " instead of " + mustBe);
            check(discard.equals(lane.discard), "another discard than the one that was delivered");
            mustBe = null;
        }
        givenUp.add(discard);
        settle(lane.givenUp(discard.records().size(), agenda.now));
    }

    private void abandoned(ShardNotice.WindowAbandoned notice) {
        LaneModel lane = lanes.getFirst();
        LaneModel.Part part = lane.head();
        check(
                part != null && part.records.isEmpty() && lane.mustDiscard != null,
                () -> "abandons a window for no reason: " + notice);
        settle(lane.givenUp(0, agenda.now));
        Objects.requireNonNull(window).close();
    }

    // ---- commands ----

    private void obey(ShardCommand command, ShardEvent event) {
        switch (command) {
            case ShardCommand.Read wanted -> {
                check(deadline == null, "reads although it stops");
                check(records.isRoomLeft(settings), "reads although there is no room");
                reads.start(wanted, settings.maximumRecords() - records.held(), agenda.now);
            }
            case ShardCommand.Invoke invoke -> invoke(invoke);
            case ShardCommand.Deliver deliver -> deliver(deliver, event);
            case ShardCommand.Save(var call, var progress) -> {
                saves.start(call, deadline != null);
                check(!progress.finished(), "stores an end that is none");
                progress(progress);
            }
            case ShardCommand.SaveEnd(var call, var progress, var _) -> {
                saves.startEnd(call);
                check(isDone(), "stores the end although not everything is settled");
                check(progress.finished(), "stores an end that is none");
                progress(progress);
            }
            case ShardCommand.CancelInvocations _ -> {
                boolean over = deadline != null && !agenda.now.isBefore(deadline);
                check(over || event instanceof ShardEvent.LeaseLost, "cancels for no reason");
                cancelled.addAll(inFlight.keySet());
                inFlight.clear();
                lanes.forEach(lane -> lane.doing = Doing.NOTHING);
            }
            case ShardCommand.Report(var notice) -> report(notice, event);
            case ShardCommand.Finish(var why) -> finish(why, event);
        }
    }

    private void report(ShardNotice notice, ShardEvent event) {
        switch (notice) {
            case ShardNotice.Gap gap -> reads.gap(gap, event);
            case ShardNotice.Discarded(var discard, var fate) -> discarded(discard, fate);
            case ShardNotice.WindowAbandoned abandoned -> abandoned(abandoned);
            case ShardNotice.DestinationTrouble _ ->
                check(event instanceof ShardEvent.DeliveryFailed, "trouble with the destination for no reason");
            case ShardNotice.SourceTrouble _ ->
                check(event instanceof ShardEvent.ReadFailed, "trouble with the source for no reason");
            case ShardNotice.SourceRecovered _ ->
                check(event instanceof ShardEvent.Read, "the source has recovered for no reason");
            case ShardNotice.StoreTrouble _ ->
                check(event instanceof ShardEvent.SaveFailed, "trouble with the store for no reason");
            case ShardNotice.StoreRecovered _ ->
                check(event instanceof ShardEvent.Saved, "the store has recovered for no reason");
            case ShardNotice.LetGo(var lane, var count, var _) ->
                check(deadline != null && lanes.get(lane).held() == count, () -> "lets go of " + count);
        }
    }

    private void finish(ShardCommand.End why, ShardEvent event) {
        finished = true;
        switch (why) {
            case SHARD_END -> check(ended, "the end is not stored");
            case LEASE_LOST -> check(event instanceof ShardEvent.LeaseLost, "the lease was not lost");
            case STOPPED -> {
                check(deadline != null, "nobody asked it to stop");
                check(inFlight.isEmpty(), "stops with calls in flight");
                check(saves.isDone() || isOver(STOP_GRACE), "stops without storing");
            }
        }
    }

    private boolean isOver(Duration grace) {
        return deadline != null && !agenda.now.isBefore(deadline.plus(grace));
    }

    // ---- storing ----

    private void progress(ShardProgress progress) {
        ShardCheckpoint checkpoint = progress.checkpoint();
        records.covered(checkpoint, disorder);
        long factors = checkpoint.ahead().stream()
                .map(ahead -> ahead.marks().size())
                .distinct()
                .count();
        check(factors == checkpoint.ahead().size(), () -> "stores more and more: " + checkpoint);
        check(
                checkpoint.ahead().stream().allMatch(marks -> marks.keying() == settings.keying()),
                () -> "stores marks of other keys: " + checkpoint);
        check(progress.start().equals(start.start()), "another start");
        check(
                window == null
                        ? Objects.equals(progress.window(), start.window())
                        : window.isStoredAs(progress.window()),
                () -> "another window: " + progress.window());
    }

    // ---- what must have been done ----

    private boolean wantsRecords() {
        return records.isRoomLeft(settings)
                && (records.isMostlyFree(settings) || lanes.stream().anyMatch(LaneModel::isHungry));
    }

    private boolean isDone() {
        return reads.atEnd()
                && records.held() == 0
                && lanes.stream().allMatch(lane -> lane.head() == null)
                && !isWindowOpen();
    }

    private boolean isWindowOpen() {
        return window != null && window.isOpen();
    }

    private void compare(ShardSnapshot snapshot) {
        for (LaneModel lane : lanes) {
            ShardSnapshot.LaneSnapshot real = snapshot.lanes().get(lanes.indexOf(lane));
            if (real.activity() != Activity.COLLECTING) {
                form(lane);
            }
            LaneModel.Part part = lane.head();
            check(lane.does(real.activity()), () -> "a lane is " + real + " instead of " + lane.doing);
            check(part == null || real.batchSize() == part.records.size(), () -> "another batch: " + real);
            check(lane.mustDiscard == null, () -> "does not give up: " + lane.mustDiscard);
        }
        check(mustBe == null, () -> "does not settle what is " + mustBe);
        check(
                snapshot.heldRecords() == records.held(),
                () -> "holds " + snapshot.heldRecords() + " instead of " + records.held());
        check(
                snapshot.heldBytes() == records.heldBytes(),
                () -> "holds " + snapshot.heldBytes() + " B instead of " + records.heldBytes());
        check(
                snapshot.unsaved() == saves.unsaved(),
                () -> "unsaved " + snapshot.unsaved() + " instead of " + saves.unsaved());
        check(records.held() <= settings.maximumRecords(), () -> "holds " + records.held() + " records");
        check(
                records.heldBytes() <= settings.maximumBytes() + reads.lastBytes(),
                () -> "holds " + records.heldBytes() + " bytes, of which the last read brought " + reads.lastBytes());
    }

    private void nothingLeftToDo() {
        if (deadline != null) {
            check(inFlight.isEmpty() || agenda.now.isBefore(deadline), "does not cancel at the deadline");
            check(!inFlight.isEmpty() || !saves.isDone(), "does not stop");
            check(!isOver(STOP_GRACE), "stops too late");
        } else {
            lanes.forEach(this::nothingLeftToDo);
            check(reads.inFlight() || !wantsRecords() || !reads.isDue(), "does not read");
            check(!isDone() || saves.inFlight() || saves.isPaused(), "does not end");
        }
        check(saves.inFlight() || !saves.isDue(inFlight.isEmpty()), "does not store");
    }

    private void nothingLeftToDo(LaneModel lane) {
        if (lane.doing == Doing.UNDELIVERED) {
            check(agenda.now.isBefore(lane.deliverTo), "does not deliver again");
        }
        if (lane.doing != Doing.NOTHING) {
            return;
        }
        if (lane.head() == null) {
            check(!lane.closes(reads.atEnd(), !records.isRoomLeft(settings), agenda.now), "does not close the batch");
            return;
        }
        check(lane.expired(agenda.now) == 0, "does not give up what is too old");
        boolean may = saves.unsaved() < settings.savePace().unsavedPerLane() * lanes.size()
                && (health == FunctionHealth.AVAILABLE || (health == FunctionHealth.PROBING && invoking() == 0));
        check(!may || agenda.now.isBefore(lane.latest), "does not invoke");
    }

    /** What follows the turn: the next tick, or something in flight. */
    void scheduled(ShardEvent event, boolean idle, Instant wakeup) {
        if (finished) {
            check(wakeup.equals(Instant.MAX), "wants to be woken up after its end");
            return;
        }
        boolean busy = !inFlight.isEmpty() || reads.inFlight() || saves.inFlight();
        boolean suspended = health == FunctionHealth.SUSPENDED && lanes.stream().anyMatch(lane -> lane.head() != null);
        check(!wakeup.equals(Instant.MAX) || busy || suspended, "nothing is scheduled");
        check(
                !(event instanceof ShardEvent.Tick) || !idle || wakeup.isAfter(agenda.now),
                () -> "wants to be woken up at " + wakeup + ", but had nothing to do");
    }

    boolean isSettled() {
        return records.allSettled() && saves.unsaved() == 0 && !isWindowOpen();
    }

    void everythingAccountedFor() {
        records.everythingAccountedFor();
    }

    void seen(long call, SimulatedShard.Seen seen) {
        records.seen(call, seen);
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(shard.id + ": " + otherwise);
        }
    }

    private void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(shard.id + ": " + otherwise.get());
        }
    }

    static boolean isTrimmed(SourceProblem problem) {
        return problem.kind() == SourceProblem.Kind.TRIMMED;
    }

    static boolean isAge(Discard discard) {
        return discard.reason() == DiscardReason.RECORD_AGE_EXCEEDED;
    }
}
