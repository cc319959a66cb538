package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.failure.LastInvocation;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand.End;
import dev.millrace.stream.ShardNotice.Fate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is decided about one shard: when to read and how much, which records form a batch, when to invoke, what an
 * outcome means, what to give up, what to store, and how to end (spec 2 to 5).
 *
 * <p>Pure: an event and the time go in, commands come out. Owned by one thread.
 */
public final class ShardMachine {

    /** How long after the stop deadline storing may still take. */
    static final Duration STOP_GRACE = Duration.ofSeconds(2);

    private static final Duration MOMENT = Duration.ofMillis(1);

    private final String shardId;
    private final ShardPolicy policy;
    private final RandomGenerator random;
    private final ShardProgress start;
    private final ShardReads reads;
    private final Saves saves;
    private final CheckpointTracker tracker;
    private final List<Lane> lanes;
    private final @Nullable TumblingWindow tumbling;
    private final Collector collector;
    private final Map<Long, Lane> inFlight = new HashMap<>();

    private long lastNumber;
    private long heldBytes;
    private long maximumBytes;
    private @Nullable Duration retention;
    private FunctionHealth health = FunctionHealth.AVAILABLE;

    private @Nullable Instant stopDeadline;
    private boolean cancelled;
    /** The call that stores the shard's end; 0 while there is none. */
    private long endCall;
    /** Whether the end may be stored already: nothing else is stored from there on. */
    private boolean endTried;

    private @Nullable End end;

    private List<ShardCommand> commands = new ArrayList<>();
    private Instant now;

    /** Goes on where the shard's progress says. The first event tells the conditions. */
    public ShardMachine(String shardId, ShardPolicy policy, ShardProgress start, RandomGenerator random, Instant now) {
        this.shardId = shardId;
        this.policy = policy;
        this.random = random;
        this.start = start;
        this.now = now;
        this.reads = new ShardReads(
                policy.pacing(), random, start.readFrom(), start.checkpoint().upTo());
        this.saves = new Saves(policy.lanes(), random);
        this.tracker = new CheckpointTracker(policy.lanes(), start.checkpoint());
        this.lanes = IntStream.range(0, policy.lanes()).mapToObj(Lane::new).toList();
        this.tumbling = policy.tumblingWindow().isZero()
                ? null
                : new TumblingWindow(policy.tumblingWindow(), start.window(), now);
        this.collector = new Collector(policy, tumbling);
    }

    /** One turn: takes in what happened and answers what to do. Times must not go back. */
    public List<ShardCommand> on(ShardEvent event, Instant time) {
        if (end != null) {
            return List.of();
        }
        now = time;
        commands = new ArrayList<>();
        switch (event) {
            case ShardEvent.Tick _ -> {}
            case ShardEvent.Read read -> read(read);
            case ShardEvent.ReadFailed(var call, var problem) -> readFailed(call, problem);
            case ShardEvent.Invoked invoked -> invoked(invoked);
            case ShardEvent.Delivered(var number) -> delivered(number);
            case ShardEvent.DeliveryFailed failed -> deliveryFailed(failed);
            case ShardEvent.Saved(var call) -> saved(call);
            case ShardEvent.SaveFailed(var call, var message) -> saveFailed(call, message);
            case ShardEvent.FunctionHealthChanged(var changed) -> healthChanged(changed);
            case ShardEvent.ConditionsChanged(var keeps, var share) -> {
                retention = keeps;
                maximumBytes = share;
            }
            case ShardEvent.ShardGone _ -> shardGone();
            case ShardEvent.LeaseLost _ -> leaseLost();
            case ShardEvent.StopRequested(var deadline) -> {
                stopDeadline = deadline;
                saves.hurry();
            }
        }
        if (end == null) {
            advance();
        }
        return commands;
    }

    private void advance() {
        lanes.forEach(this::advance);
        save();
        read();
        finish();
    }

    // ---- reading ----

    private void read(ShardEvent.Read event) {
        if (isIgnored(event.call())) {
            return;
        }
        reads.answered(event.call(), event.read(), retention, now).ifPresent(this::report);
        if (reads.recovered()) {
            report(new ShardNotice.SourceRecovered());
        }
        for (StreamRecord record : event.read().records()) {
            OptionalInt lane = tracker.track(record);
            if (lane.isPresent()) {
                heldBytes += record.json().size();
                lanes.get(lane.getAsInt()).add(record, now);
                if (tumbling != null) {
                    tumbling.noticed(now);
                }
            }
        }
        saves.advanced(now.plus(event.read().records().isEmpty() ? Saves.TIME_READ : Saves.NOTHING_TO_REPEAT));
    }

    /** Whether what a read brought does not matter any more: it would only delay the end of a mapping that stops. */
    private boolean isIgnored(long call) {
        return stopDeadline != null || !reads.isInFlight(call);
    }

    private void readFailed(long call, SourceProblem problem) {
        if (isIgnored(call)) {
            return;
        }
        Duration pause = reads.failed(call, problem, now);
        switch (problem.kind()) {
            case EXPIRED_ITERATOR -> {}
            case TRIMMED -> reads.trimmed(problem).ifPresent(this::report);
            case NOT_FOUND, ACCESS_DENIED, THROTTLED, UNAVAILABLE, REJECTED -> {
                if (reads.reports(problem, now)) {
                    report(new ShardNotice.SourceTrouble(problem, pause));
                }
            }
        }
    }

    private void shardGone() {
        SourceProblem problem = reads.problem();
        if (problem != null && problem.kind() == SourceProblem.Kind.NOT_FOUND && !reads.atEnd()) {
            report(new ShardNotice.Gap(
                    reads.readUpTo(), null, "the source no longer has the shard, which was not read to its end"));
            reads.end();
        }
    }

    private void read() {
        if (stopDeadline == null && hasRoom() && reads.isDue(now)) {
            int records = policy.maximumRecords() - tracker.held();
            commands.add(reads.start(++lastNumber, records, maximumBytes - heldBytes, now));
        }
    }

    private boolean hasRoom() {
        return tracker.held() < policy.maximumRecords() && (heldBytes < maximumBytes || tracker.held() == 0);
    }

    // ---- batches ----

    private void advance(Lane lane) {
        while (stopDeadline == null && isFree(lane)) {
            StreamBatch head = lane.head();
            if (head == null) {
                Optional<StreamBatch> batch = collector.collect(lane, reads.atEnd(), !hasRoom(), now);
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

    /** A tumbling window's state may have grown since the batch was formed; answers whether something else is next now. */
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
            lane.replaceHead(head.bisect(), now);
        }
        return splits;
    }

    /** Whether nothing of the lane is in flight; delivers again what is due. */
    private boolean isFree(Lane lane) {
        return switch (lane.state()) {
            case Lane.State.Ready _ -> true;
            case Lane.State.Invoking _, Lane.State.Delivering _ -> false;
            case Lane.State.Undelivered(var discard, var until) -> {
                if (!now.isBefore(until)) {
                    deliver(lane, discard);
                }
                yield false;
            }
        };
    }

    // ---- the function ----

    private boolean mayInvoke(Lane lane) {
        return !now.isBefore(lane.notBefore())
                && saves.mayInvoke()
                && switch (health) {
                    case AVAILABLE -> true;
                    case SUSPENDED -> false;
                    case PROBING -> lanes.stream().noneMatch(other -> other.state() instanceof Lane.State.Invoking);
                };
    }

    private void invoke(Lane lane, StreamBatch head) {
        long number = ++lastNumber;
        inFlight.put(number, lane);
        lane.state(new Lane.State.Invoking(number));
        commands.add(new ShardCommand.Invoke(
                number,
                lane.index(),
                head.invocations() + 1,
                head.records(),
                tumbling == null ? null : tumbling.call(head.isEmpty())));
    }

    private void invoked(ShardEvent.Invoked event) {
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
                lane.replaceHead(batches, now);
                lane.backOff(now.plus(pause));
            }
            case Verdict.Discard(var batch, var reason) -> {
                failed(lane, event);
                lane.replaceHead(List.of(batch), now);
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
                now);
    }

    private void healthChanged(FunctionHealth changed) {
        health = changed;
        if (changed != FunctionHealth.SUSPENDED) {
            lanes.stream().filter(lane -> lane.unreached() > 0).forEach(lane -> lane.backOff(now));
        }
    }

    /** The first records of what is under way are done with. */
    private void settle(Lane lane, int count) {
        StreamBatch head = Objects.requireNonNull(lane.head());
        saves.settled();
        if (head.isEmpty()) {
            Objects.requireNonNull(tumbling).close();
            lane.replaceHead(List.of(), now);
        } else {
            List<StreamRecord> done = head.records().subList(0, count);
            done.forEach(record -> heldBytes -= record.json().size());
            tracker.settled(lane.index(), done.getLast().sequenceNumber());
            lane.replaceHead(head.without(count).stream().toList(), now);
        }
        lane.progressed();
    }

    // ---- giving up ----

    /** Gives up what must not be invoked; answers whether there was anything. */
    private boolean giveUp(Lane lane, StreamBatch head) {
        List<StreamRecord> expired = policy.rules().expired(head, now);
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
            report(new ShardNotice.WindowAbandoned(window.start(), window.end()));
            settle(lane, 0);
            return;
        }
        int invocations = Objects.requireNonNull(lane.head()).invocations();
        Discard discard = new Discard(shardId, records, reason, invocations, lane.last(), now);
        if (policy.delivery() == null) {
            discarded(lane, discard, Fate.DROPPED);
        } else {
            lane.delivering(now);
            deliver(lane, discard);
        }
    }

    private void deliver(Lane lane, Discard discard) {
        long number = ++lastNumber;
        inFlight.put(number, lane);
        lane.state(new Lane.State.Delivering(discard, number));
        commands.add(new ShardCommand.Deliver(number, discard));
    }

    private void delivered(long number) {
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

    private void deliveryFailed(ShardEvent.DeliveryFailed event) {
        Discard discard = discardOf(event.discard());
        Lane lane = ended(event.discard());
        ShardPolicy.Delivery delivery = Objects.requireNonNull(policy.delivery());
        int failures = lane.deliveryFailed(event.message(), now);
        Instant latest = lane.deliveringSince().plus(delivery.timeout());
        if (!delivery.block() && (event.permanent() || !now.isBefore(latest))) {
            discarded(lane, discard, Fate.UNDELIVERABLE);
            return;
        }
        Instant next = now.plus(ShardPolicy.Delivery.PAUSES.pause(failures, random));
        Instant until = delivery.block() || next.isBefore(latest) ? next : latest;
        lane.state(new Lane.State.Undelivered(discard, until));
        report(new ShardNotice.DestinationTrouble(discard, event.message(), Duration.between(now, until)));
    }

    private void discarded(Lane lane, Discard discard, Fate fate) {
        report(new ShardNotice.Discarded(discard, fate));
        Instant notBefore = lane.notBefore();
        settle(lane, discard.records().size());
        if (lane.head() != null) {
            // The rest has made no progress: only what was before it is too old.
            lane.backOff(notBefore);
        }
    }

    // ---- storing ----

    private void save() {
        if (!endTried && saves.isDue(now)) {
            long call = ++lastNumber;
            saves.start(call);
            commands.add(new ShardCommand.Save(call, progress(false)));
        }
    }

    private ShardProgress progress(boolean finished) {
        return new ShardProgress(
                start.start(),
                tracker.checkpoint(reads.readUpTo()),
                tumbling == null ? start.window() : tumbling.progress(),
                finished);
    }

    private void saved(long call) {
        if (saves.saved(call)) {
            report(new ShardNotice.StoreRecovered());
        }
        if (call == endCall) {
            end(End.SHARD_END);
        }
    }

    private void saveFailed(long call, String message) {
        Duration pause = saves.failed(call, now);
        if (call == endCall) {
            endCall = 0;
        }
        if (saves.reports(now)) {
            report(new ShardNotice.StoreTrouble(message, pause));
        }
    }

    // ---- ending ----

    private void leaseLost() {
        cancel();
        end(End.LEASE_LOST);
    }

    private void finish() {
        if (end != null) {
            return;
        }
        boolean ends = endTried || (stopDeadline == null && reads.atEnd() && isEmpty());
        if (ends && saves.isReady(now)) {
            endTried = true;
            endCall = ++lastNumber;
            saves.start(endCall);
            commands.add(new ShardCommand.SaveEnd(endCall, progress(true), Objects.requireNonNull(reads.children())));
        }
        if (stopDeadline != null) {
            stop(stopDeadline);
        }
    }

    private boolean isEmpty() {
        return tracker.held() == 0
                && lanes.stream().allMatch(lane -> lane.head() == null)
                && (tumbling == null || tumbling.progress() == null);
    }

    private void stop(Instant deadline) {
        if (!inFlight.isEmpty() && !now.isBefore(deadline)) {
            cancel();
        }
        if (inFlight.isEmpty() && (saves.isDone() || !now.isBefore(deadline.plus(STOP_GRACE)))) {
            for (Lane lane : lanes) {
                if (lane.held() > 0) {
                    report(new ShardNotice.LetGo(lane.index(), lane.held(), cancelled));
                }
            }
            end(End.STOPPED);
        }
    }

    private void cancel() {
        if (!inFlight.isEmpty()) {
            cancelled = true;
            inFlight.values().forEach(lane -> lane.state(Lane.READY));
            inFlight.clear();
            commands.add(new ShardCommand.CancelInvocations());
        }
    }

    private void end(End why) {
        end = why;
        commands.add(new ShardCommand.Finish(why));
    }

    private void report(ShardNotice notice) {
        commands.add(new ShardCommand.Report(notice));
    }

    // ---- from outside ----

    /** When the next {@link ShardEvent.Tick} is due if nothing else happens before. */
    public Instant nextWakeup() {
        if (end != null) {
            return Instant.MAX;
        }
        Instant next = endCall == 0 ? saves.next() : Instant.MAX;
        if (stopDeadline != null) {
            return earlier(next, now.isBefore(stopDeadline) ? stopDeadline : stopDeadline.plus(STOP_GRACE));
        }
        if (hasRoom()) {
            next = earlier(next, reads.next());
        }
        for (Lane lane : lanes) {
            next = earlier(next, nextWakeup(lane));
        }
        if (endCall == 0 && reads.atEnd() && isEmpty()) {
            next = earlier(next, saves.ready());
        }
        return next;
    }

    private Instant nextWakeup(Lane lane) {
        return switch (lane.state()) {
            case Lane.State.Invoking _, Lane.State.Delivering _ -> Instant.MAX;
            case Lane.State.Undelivered(var _, var until) -> until;
            case Lane.State.Ready _ -> {
                StreamBatch head = lane.head();
                yield head == null ? collector.closesAt(lane) : earlier(attempt(lane), expiry(head));
            }
        };
    }

    private Instant attempt(Lane lane) {
        // Once its pause is over, an event says when it may be invoked.
        return now.isBefore(lane.notBefore()) && health != FunctionHealth.SUSPENDED ? lane.notBefore() : Instant.MAX;
    }

    private Instant expiry(StreamBatch head) {
        Instant expiry = head.isEmpty()
                ? Instant.MAX
                : policy.rules().expiry(head.records().getFirst());
        return expiry.equals(Instant.MAX) ? expiry : expiry.plus(MOMENT);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    public boolean finished() {
        return end != null;
    }

    /** Why it has ended; null while it has not. */
    public @Nullable End end() {
        return end;
    }

    /** The state at this moment. */
    public ShardSnapshot snapshot() {
        return new ShardSnapshot(
                phase(),
                health,
                tracker.checkpoint(reads.readUpTo()),
                reads.from(),
                reads.behindLatest(),
                retention,
                tracker.held(),
                heldBytes,
                saves.unsaved(),
                lanes.stream().map(lane -> lane.snapshot(policy.rules(), now)).toList(),
                reads.problem());
    }

    private ShardSnapshot.Phase phase() {
        if (end != null) {
            return ShardSnapshot.Phase.FINISHED;
        }
        if (stopDeadline != null) {
            return ShardSnapshot.Phase.STOPPING;
        }
        return reads.atEnd() ? ShardSnapshot.Phase.DRAINING : ShardSnapshot.Phase.RUNNING;
    }
}
