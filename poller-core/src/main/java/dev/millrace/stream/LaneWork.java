package dev.millrace.stream;

import dev.millrace.batch.WindowCall;
import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.failure.LastInvocation;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.Lane.State.Delivering;
import dev.millrace.stream.ShardNotice.Fate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a shard's records once they have been read: the batches of each lane, their invocations, what an outcome
 * means, what is given up and how the destination is told. Owned by the shard's machine.
 */
final class LaneWork {

    private static final Duration MOMENT = Duration.ofMillis(1);

    private final String shardId;
    private final ShardPolicy policy;
    private final RandomGenerator random;
    private final Turn turn;
    private final CheckpointTracker tracker;
    private final Room room;
    private final Saves saves;
    private final @Nullable TumblingWindow tumbling;
    private final Collector collector;
    private final List<Lane> lanes;
    private final Map<Long, Lane> inFlight = new HashMap<>();
    /** What was in flight when it was cancelled: it may have ended at that moment, and then tells so all the same. */
    private final Set<Long> cancelled = new HashSet<>();

    private @Nullable Duration retention;
    private FunctionHealth health = FunctionHealth.AVAILABLE;

    LaneWork(String shardId, ShardPolicy policy, RandomGenerator random, Turn turn, Progress progress) {
        this.shardId = shardId;
        this.policy = policy;
        this.random = random;
        this.turn = turn;
        this.tracker = progress.tracker();
        this.room = progress.room();
        this.saves = progress.saves();
        this.tumbling = progress.tumbling();
        this.collector = new Collector(policy, tumbling);
        this.lanes =
                IntStream.range(0, policy.lanes().count()).mapToObj(Lane::new).toList();
    }

    /**
     * What is told of the work that is done.
     *
     * @param tumbling null without tumbling windows
     */
    record Progress(
            CheckpointTracker tracker,
            Room room,
            Saves saves,
            @Nullable TumblingWindow tumbling) {}

    // ---- batches ----

    /** How long the stream keeps records; null when that is not known. */
    void retention(@Nullable Duration known) {
        retention = known;
    }

    @Nullable
    Duration retention() {
        return retention;
    }

    /** A record of this lane has been read. */
    void add(int lane, StreamRecord record) {
        room.take(record);
        lanes.get(lane).add(record, turn.now());
        if (tumbling != null) {
            tumbling.noticed(turn.now());
        }
    }

    /**
     * Whether more records should be read. As long as every lane has its next batch, they are left where they are until few
     * are held: records that wait here cost memory, and a large read costs hardly more than a small one.
     */
    boolean wantsRecords() {
        return room.isLeft() && (room.isMostlyFree() || isAnyLaneHungry());
    }

    private boolean isAnyLaneHungry() {
        for (Lane lane : lanes) {
            if (lane.waiting() < policy.batchSize()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Does what can be done.
     *
     * @param last no more records will come
     */
    void advance(boolean last) {
        lanes.forEach(lane -> advance(lane, last));
    }

    private void advance(Lane lane, boolean last) {
        while (isFree(lane)) {
            StreamBatch head = lane.head();
            if (head == null) {
                Optional<StreamBatch> batch = collector.collect(lane, last, !room.isLeft(), turn.now());
                if (batch.isEmpty()) {
                    return;
                }
                lane.begin(batch.get());
            } else if (!reshape(lane, head) && !giveUp(lane, head)) {
                if (mayInvoke(lane)) {
                    invoke(lane, head);
                }
                return;
            }
        }
    }

    /** A tumbling window's state may have grown since the batch was formed; answers whether something else comes first. */
    private boolean reshape(Lane lane, StreamBatch head) {
        if (tumbling == null || head.isEmpty()) {
            return false;
        }
        if (tumbling.isTooLarge()) {
            lane.first(StreamBatch.endOfWindow());
            return true;
        }
        boolean splits = head.size() > 1 && !collector.fits(head.records());
        if (splits) {
            lane.replaceHead(head.bisect(), turn.now());
        }
        return splits;
    }

    /** Whether nothing of the lane is in flight; delivers again what is due. */
    private boolean isFree(Lane lane) {
        return switch (lane.state()) {
            case Lane.State.Ready _ -> true;
            case Lane.State.Invoking _, Delivering _ -> false;
            case Lane.State.Undelivered(var next, var until) -> {
                if (turn.isPast(until)) {
                    deliver(lane, next);
                }
                yield false;
            }
        };
    }

    // ---- the function ----

    private boolean mayInvoke(Lane lane) {
        return turn.isPast(lane.notBefore())
                && saves.mayInvoke()
                && switch (health) {
                    case AVAILABLE -> true;
                    case SUSPENDED -> false;
                    case PROBING -> lanes.stream().noneMatch(other -> other.state() instanceof Lane.State.Invoking);
                };
    }

    private void invoke(Lane lane, StreamBatch head) {
        turn.add(new ShardCommand.Invoke(
                started(lane, Lane.INVOKING),
                lane.index(),
                head.invocations() + 1,
                head.records(),
                tumbling == null ? null : tumbling.call(head.isEmpty())));
    }

    /** The number of the call that begins. */
    private long started(Lane lane, Lane.State state) {
        long number = turn.number();
        inFlight.put(number, lane);
        lane.state(state);
        return number;
    }

    void invoked(ShardEvent.Invoked event) {
        if (cancelled.contains(event.batch())) {
            return;
        }
        Lane lane = ended(event.batch());
        StreamBatch head = Objects.requireNonNull(lane.head());
        InvocationOutcome outcome = event.outcome();
        switch (policy.rules().judge(head, outcome, lane.unreached() + 1, random)) {
            case Verdict.Complete _ -> {
                answered(event);
                settle(lane, head.size());
            }
            case Verdict.Retry(var done, var batches, var pause) -> {
                if (done > 0) {
                    answered(event);
                    settle(lane, done);
                }
                failed(lane, event);
                lane.replaceHead(batches, turn.now());
                lane.backOff(turn.now().plus(pause));
            }
            case Verdict.Discard(var batch, var reason) -> {
                failed(lane, event);
                lane.replaceHead(List.of(batch), turn.now());
                discard(lane, batch.records(), reason);
            }
        }
    }

    private Lane ended(long number) {
        Lane lane = inFlight.remove(number);
        if (lane == null) {
            throw new IllegalArgumentException("call " + number + " is not in flight");
        }
        lane.state(Lane.READY);
        return lane;
    }

    private void answered(ShardEvent.Invoked event) {
        if (tumbling != null && event.state() != null) {
            tumbling.answered(event.state());
        }
    }

    private void failed(Lane lane, ShardEvent.Invoked event) {
        String detail = event.outcome().detail();
        switch (event.outcome()) {
            case InvocationOutcome.Throttled _, InvocationOutcome.Unavailable _ -> lane.notReached(detail, turn.now());
            case InvocationOutcome.TooLarge _ -> lane.failed(null, detail, turn.now());
            case InvocationOutcome.FunctionError _ -> lane.failed(ran(event, "Unhandled"), detail, turn.now());
            case InvocationOutcome.Succeeded _,
                    InvocationOutcome.BatchItemFailures _,
                    InvocationOutcome.MalformedAnswer _ -> lane.failed(ran(event, null), detail, turn.now());
        }
    }

    private static LastInvocation ran(ShardEvent.Invoked event, @Nullable String functionError) {
        return new LastInvocation(event.requestId(), event.executedVersion(), functionError);
    }

    void healthChanged(FunctionHealth changed) {
        health = changed;
        if (changed != FunctionHealth.SUSPENDED) {
            lanes.stream().filter(lane -> lane.unreached() > 0).forEach(lane -> lane.backOff(turn.now()));
        }
    }

    /** The first records of what is under way are done with. */
    private void settle(Lane lane, int count) {
        StreamBatch head = Objects.requireNonNull(lane.head());
        saves.settled(turn.now());
        if (head.isEmpty()) {
            Objects.requireNonNull(tumbling).close();
            lane.replaceHead(List.of(), turn.now());
        } else {
            List<StreamRecord> done = head.records().subList(0, count);
            done.forEach(room::giveBack);
            tracker.settled(lane.index(), done.getLast().sequenceNumber());
            lane.replaceHead(head.without(count).stream().toList(), turn.now());
        }
        lane.progressed();
    }

    // ---- giving up ----

    /** Gives up what must not be invoked; answers whether there was anything. */
    private boolean giveUp(Lane lane, StreamBatch head) {
        List<StreamRecord> expired = policy.rules().expired(head, retentionFor(lane), turn.now());
        if (!expired.isEmpty()) {
            discard(lane, expired, DiscardReason.RECORD_AGE_EXCEEDED);
            return true;
        }
        boolean tooLarge = head.size() == 1 && !collector.fits(head.records());
        if (tooLarge) {
            discard(lane, head.records(), DiscardReason.RECORD_TOO_LARGE);
        }
        return tooLarge;
    }

    /** The stream's retention where it matters: what has not failed yet is invoked though the stream may have lost it. */
    private @Nullable Duration retentionFor(Lane lane) {
        return lane.isFailing() ? retention : null;
    }

    private void discard(Lane lane, List<StreamRecord> records, DiscardReason reason) {
        WindowCall window = tumbling == null ? null : tumbling.call(records.isEmpty());
        if (records.isEmpty()) {
            WindowCall last = Objects.requireNonNull(window);
            turn.report(new ShardNotice.WindowAbandoned(last.start(), last.end()));
            settle(lane, 0);
            return;
        }
        int invocations = Objects.requireNonNull(lane.head()).invocations();
        Discard discard = new Discard(shardId, records, reason, invocations, lane.last(), window, turn.now());
        if (policy.delivery() == null) {
            discarded(lane, discard, Fate.DROPPED);
        } else {
            deliver(lane, new Delivering(discard, turn.now(), 0));
        }
    }

    private void deliver(Lane lane, Delivering delivering) {
        turn.add(new ShardCommand.Deliver(started(lane, delivering), delivering.discard()));
    }

    void delivered(long number) {
        if (cancelled.contains(number)) {
            return;
        }
        Discard discard = delivering(number).discard();
        discarded(ended(number), discard, Fate.DELIVERED);
    }

    private Delivering delivering(long number) {
        Lane lane = inFlight.get(number);
        if (lane == null || !(lane.state() instanceof Delivering delivering)) {
            throw new IllegalArgumentException("delivery " + number + " is not in flight");
        }
        return delivering;
    }

    void deliveryFailed(ShardEvent.DeliveryFailed event) {
        if (cancelled.contains(event.discard())) {
            return;
        }
        Delivering failed = delivering(event.discard());
        Discard discard = failed.discard();
        Lane lane = ended(event.discard());
        int failures = failed.failures() + 1;
        Optional<Instant> again = Objects.requireNonNull(policy.delivery())
                .again(failed.since(), failures, event.permanent(), turn.now(), random);
        if (again.isEmpty()) {
            discarded(lane, discard, Fate.UNDELIVERABLE);
            return;
        }
        lane.troubled(event.message(), turn.now());
        lane.state(new Lane.State.Undelivered(new Delivering(discard, failed.since(), failures), again.get()));
        Duration pause = Duration.between(turn.now(), again.get());
        turn.report(new ShardNotice.DestinationTrouble(discard, event.message(), pause));
    }

    private void discarded(Lane lane, Discard discard, Fate fate) {
        turn.report(new ShardNotice.Discarded(discard, fate));
        Instant notBefore = lane.notBefore();
        settle(lane, discard.records().size());
        if (lane.head() != null) {
            // The rest has made no progress: only what was before it is too old.
            lane.backOff(notBefore);
        }
    }

    // ---- ending ----

    /** Interrupts what is in flight; answers whether anything was. */
    boolean cancel() {
        boolean any = isInFlight();
        if (any) {
            inFlight.values().forEach(lane -> lane.state(Lane.READY));
            cancelled.addAll(inFlight.keySet());
            inFlight.clear();
            turn.add(new ShardCommand.CancelInvocations());
        }
        return any;
    }

    boolean isInFlight() {
        return !inFlight.isEmpty();
    }

    /** Whether every record that was read is settled, and no window is open. */
    boolean isEmpty() {
        return tracker.held() == 0 && (tumbling == null || tumbling.progress() == null);
    }

    /** Reports what is let go of. */
    void letGo(boolean interrupted) {
        for (Lane lane : lanes) {
            if (lane.held() > 0) {
                turn.report(new ShardNotice.LetGo(lane.index(), lane.held(), interrupted));
            }
        }
    }

    /** When there is something to do if nothing happens before. */
    Instant nextWakeup() {
        return lanes.stream().map(this::nextWakeup).min(Instant::compareTo).orElseThrow();
    }

    private Instant nextWakeup(Lane lane) {
        return switch (lane.state()) {
            case Lane.State.Invoking _, Delivering _ -> Instant.MAX;
            case Lane.State.Undelivered(var _, var until) -> until;
            case Lane.State.Ready _ -> {
                StreamBatch head = lane.head();
                if (head == null) {
                    yield collector.closesAt(lane);
                }
                Instant attempt = attempt(lane);
                Instant expiry = expiry(lane, head);
                yield attempt.isBefore(expiry) ? attempt : expiry;
            }
        };
    }

    private Instant attempt(Lane lane) {
        // Once its pause is over, an event says when it may be invoked.
        return turn.now().isBefore(lane.notBefore()) && health != FunctionHealth.SUSPENDED
                ? lane.notBefore()
                : Instant.MAX;
    }

    private Instant expiry(Lane lane, StreamBatch head) {
        Instant expiry = head.isEmpty()
                ? Instant.MAX
                : policy.rules().expiry(head.records().getFirst(), retentionFor(lane));
        return expiry.equals(Instant.MAX) ? expiry : expiry.plus(MOMENT);
    }

    // ---- for people ----

    FunctionHealth health() {
        return health;
    }

    List<ShardSnapshot.LaneSnapshot> snapshots() {
        return lanes.stream()
                .map(lane -> lane.snapshot(policy.rules(), turn.now()))
                .toList();
    }
}
