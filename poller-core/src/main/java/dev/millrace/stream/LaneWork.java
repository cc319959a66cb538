package dev.millrace.stream;

import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.failure.LastInvocation;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.StreamRecord;
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
    private final Saves saves;
    private final @Nullable TumblingWindow tumbling;
    private final Collector collector;
    private final List<Lane> lanes;
    private final Map<Long, Lane> inFlight = new HashMap<>();
    /** What was in flight when it was cancelled: it may have ended at that moment, and then tells so all the same. */
    private final Set<Long> cancelled = new HashSet<>();

    private long heldBytes;
    private long maximumBytes;
    private FunctionHealth health = FunctionHealth.AVAILABLE;

    LaneWork(String shardId, ShardPolicy policy, RandomGenerator random, Turn turn, Progress progress) {
        this.shardId = shardId;
        this.policy = policy;
        this.random = random;
        this.turn = turn;
        this.tracker = progress.tracker();
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
            Saves saves,
            @Nullable TumblingWindow tumbling) {}

    // ---- batches ----

    /** A record of this lane has been read. */
    void add(int lane, StreamRecord record) {
        heldBytes += record.json().size();
        lanes.get(lane).add(record, turn.now());
        if (tumbling != null) {
            tumbling.noticed(turn.now());
        }
    }

    /** Whether more records may be read. */
    boolean hasRoom() {
        return roomForRecords() > 0 && (roomForBytes() > 0 || tracker.held() == 0);
    }

    int roomForRecords() {
        return policy.maximumRecords() - tracker.held();
    }

    long roomForBytes() {
        return maximumBytes - heldBytes;
    }

    /** This shard's share of the bytes that may be held. */
    void mayHold(long bytes) {
        maximumBytes = bytes;
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
                Optional<StreamBatch> batch = collector.collect(lane, last, !hasRoom(), turn.now());
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
            case Lane.State.Invoking _, Lane.State.Delivering _ -> false;
            case Lane.State.Undelivered(var discard, var until) -> {
                if (turn.isPast(until)) {
                    deliver(lane, discard);
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
        long number = turn.number();
        inFlight.put(number, lane);
        lane.state(new Lane.State.Invoking(number));
        turn.add(new ShardCommand.Invoke(
                number,
                lane.index(),
                head.invocations() + 1,
                head.records(),
                tumbling == null ? null : tumbling.call(head.isEmpty())));
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
        InvocationOutcome outcome = event.outcome();
        boolean reached =
                !(outcome instanceof InvocationOutcome.Throttled || outcome instanceof InvocationOutcome.Unavailable);
        boolean ran = reached && !(outcome instanceof InvocationOutcome.TooLarge);
        String error = outcome instanceof InvocationOutcome.FunctionError ? "Unhandled" : null;
        lane.failed(
                reached,
                ran ? new LastInvocation(event.requestId(), event.executedVersion(), error) : null,
                outcome.detail(),
                turn.now());
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
        saves.settled();
        if (head.isEmpty()) {
            Objects.requireNonNull(tumbling).close();
            lane.replaceHead(List.of(), turn.now());
        } else {
            List<StreamRecord> done = head.records().subList(0, count);
            done.forEach(record -> heldBytes -= record.json().size());
            tracker.settled(lane.index(), done.getLast().sequenceNumber());
            lane.replaceHead(head.without(count).stream().toList(), turn.now());
        }
        lane.progressed();
    }

    // ---- giving up ----

    /** Gives up what must not be invoked; answers whether there was anything. */
    private boolean giveUp(Lane lane, StreamBatch head) {
        List<StreamRecord> expired = policy.rules().expired(head, turn.now());
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

    private void discard(Lane lane, List<StreamRecord> records, DiscardReason reason) {
        if (records.isEmpty()) {
            WindowCall window = Objects.requireNonNull(tumbling).call(true);
            turn.report(new ShardNotice.WindowAbandoned(window.start(), window.end()));
            settle(lane, 0);
            return;
        }
        int invocations = Objects.requireNonNull(lane.head()).invocations();
        Discard discard = new Discard(shardId, records, reason, invocations, lane.last(), turn.now());
        if (policy.delivery() == null) {
            discarded(lane, discard, Fate.DROPPED);
        } else {
            lane.delivering(turn.now());
            deliver(lane, discard);
        }
    }

    private void deliver(Lane lane, Discard discard) {
        long number = turn.number();
        inFlight.put(number, lane);
        lane.state(new Lane.State.Delivering(discard, number));
        turn.add(new ShardCommand.Deliver(number, discard));
    }

    void delivered(long number) {
        if (cancelled.contains(number)) {
            return;
        }
        Discard discard = discardOf(number);
        discarded(ended(number), discard, Fate.DELIVERED);
    }

    private Discard discardOf(long number) {
        Lane lane = inFlight.get(number);
        if (lane == null || !(lane.state() instanceof Lane.State.Delivering(var discard, var _))) {
            throw new IllegalArgumentException("delivery " + number + " is not in flight");
        }
        return discard;
    }

    void deliveryFailed(ShardEvent.DeliveryFailed event) {
        if (cancelled.contains(event.discard())) {
            return;
        }
        Discard discard = discardOf(event.discard());
        Lane lane = ended(event.discard());
        ShardPolicy.Delivery delivery = Objects.requireNonNull(policy.delivery());
        int failures = lane.deliveryFailed(event.message(), turn.now());
        Instant latest = lane.deliveringSince().plus(delivery.timeout());
        if (!delivery.block() && (event.permanent() || turn.isPast(latest))) {
            discarded(lane, discard, Fate.UNDELIVERABLE);
            return;
        }
        Instant next = turn.now().plus(ShardPolicy.Delivery.PAUSES.pause(failures, random));
        Instant until = delivery.block() || next.isBefore(latest) ? next : latest;
        lane.state(new Lane.State.Undelivered(discard, until));
        turn.report(new ShardNotice.DestinationTrouble(discard, event.message(), Duration.between(turn.now(), until)));
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
            case Lane.State.Invoking _, Lane.State.Delivering _ -> Instant.MAX;
            case Lane.State.Undelivered(var _, var until) -> until;
            case Lane.State.Ready _ -> {
                StreamBatch head = lane.head();
                if (head == null) {
                    yield collector.closesAt(lane);
                }
                Instant attempt = attempt(lane);
                Instant expiry = expiry(head);
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

    private Instant expiry(StreamBatch head) {
        Instant expiry = head.isEmpty()
                ? Instant.MAX
                : policy.rules().expiry(head.records().getFirst());
        return expiry.equals(Instant.MAX) ? expiry : expiry.plus(MOMENT);
    }

    // ---- for people ----

    FunctionHealth health() {
        return health;
    }

    long heldBytes() {
        return heldBytes;
    }

    List<ShardSnapshot.LaneSnapshot> snapshots() {
        return lanes.stream()
                .map(lane -> lane.snapshot(policy.rules(), turn.now()))
                .toList();
    }
}
