package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand.End;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is decided about one shard: when to read and how much, what becomes of the records ({@link LaneWork}),
 * what to store, and how to end (spec 2 to 5).
 *
 * <p>Pure: an event and the time go in, commands come out. Owned by one thread.
 */
public final class ShardMachine {

    /** How long after the stop deadline storing may still take. */
    static final Duration STOP_GRACE = Duration.ofSeconds(2);

    private final ShardProgress start;
    private final Instant began;
    private final Turn turn;
    private final ShardReads reads;
    private final Saves saves;
    private final CheckpointTracker tracker;
    private final Room room;
    private final @Nullable TumblingWindow tumbling;
    private final LaneWork work;

    private @Nullable Instant stopDeadline;
    private boolean cancelled;
    /** The call that stores the shard's end; 0 while there is none. */
    private long endCall;
    /** Whether the end may be stored already: nothing else is stored from there on. */
    private boolean endTried;

    private @Nullable End end;

    /** Goes on where the shard's progress says. The first event tells the conditions. */
    public ShardMachine(String shardId, ShardPolicy policy, ShardProgress start, RandomGenerator random, Instant now) {
        this.start = start;
        this.began = now;
        this.turn = new Turn(now);
        this.reads = new ShardReads(
                policy.pacing(), random, start.readFrom(), start.checkpoint().upTo());
        this.saves = new Saves(policy.lanes().count(), policy.savePace(), random);
        this.tracker = new CheckpointTracker(policy.lanes(), start.checkpoint());
        this.room = new Room(policy.maximumRecords(), tracker);
        this.tumbling = policy.tumblingWindow().isZero() || start.finished()
                ? null
                : new TumblingWindow(policy.tumblingWindow(), start.window(), now);
        this.work = new LaneWork(shardId, policy, random, turn, new LaneWork.Progress(tracker, room, saves, tumbling));
        if (start.finished()) {
            // Its lease outlived the node that finished it.
            reads.end();
        }
    }

    /** One turn: takes in what happened and answers what to do. Times must not go back. */
    public List<ShardCommand> on(ShardEvent event, Instant time) {
        if (end != null) {
            return List.of();
        }
        turn.begin(time);
        switch (event) {
            case ShardEvent.Tick _ -> {}
            case ShardEvent.Read read -> read(read);
            case ShardEvent.ReadFailed(var call, var problem) -> readFailed(call, problem);
            case ShardEvent.Invoked invoked -> work.invoked(invoked);
            case ShardEvent.Delivered(var number) -> work.delivered(number);
            case ShardEvent.DeliveryFailed failed -> work.deliveryFailed(failed);
            case ShardEvent.Saved(var call) -> saved(call);
            case ShardEvent.SaveFailed(var call, var message) -> saveFailed(call, message);
            case ShardEvent.FunctionHealthChanged(var changed) -> work.healthChanged(changed);
            case ShardEvent.ConditionsChanged(var keeps, var share) -> {
                work.retention(keeps);
                room.mayHold(share);
            }
            case ShardEvent.ShardGone _ -> shardGone();
            case ShardEvent.LeaseLost _ -> leaseLost();
            case ShardEvent.StopRequested(var deadline) -> {
                stopDeadline = stopDeadline == null ? deadline : earlier(stopDeadline, deadline);
                saves.hurry();
            }
        }
        if (end == null) {
            advance();
        }
        return turn.commands();
    }

    private void advance() {
        if (stopDeadline == null) {
            work.advance(reads.atEnd());
        } else if (turn.isPast(stopDeadline)) {
            // Before storing: what is settled then waits for nothing any more.
            cancelled |= work.cancel();
        }
        save();
        read();
        finish();
    }

    // ---- reading ----

    private void read(ShardEvent.Read event) {
        if (isIgnored(event.call())) {
            return;
        }
        reads.answered(event.call(), event.read(), work.retention(), turn.now()).ifPresent(turn::report);
        if (reads.recovered()) {
            turn.report(new ShardNotice.SourceRecovered());
        }
        for (StreamRecord record : event.read().records()) {
            tracker.track(record).ifPresent(lane -> work.add(lane, record));
        }
        Duration behind = event.read().behindLatest();
        if (behind != null && !behind.isZero()) {
            mayHaveMissed();
        }
        boolean onlyTime = event.read().records().isEmpty();
        saves.advanced(turn.now().plus(onlyTime ? Saves.TIME_READ : Saves.NOTHING_TO_REPEAT));
    }

    /** The shard may have more records than were read: its tumbling window is not over because none came. */
    private void mayHaveMissed() {
        if (tumbling != null) {
            tumbling.noticed(turn.now());
        }
    }

    /** Whether what a read brought does not matter any more: it would only delay the end of a mapping that stops. */
    private boolean isIgnored(long call) {
        return stopDeadline != null || !reads.isInFlight(call);
    }

    private void readFailed(long call, SourceProblem problem) {
        if (isIgnored(call)) {
            return;
        }
        Duration pause = reads.failed(call, problem, turn.now());
        mayHaveMissed();
        switch (problem.kind()) {
            case TRIMMED -> reads.trimmed(problem).ifPresent(turn::report);
            case NOT_FOUND, ACCESS_DENIED, THROTTLED, UNAVAILABLE, REJECTED, EXPIRED_ITERATOR -> {
                if (reads.reports(problem, turn.now())) {
                    turn.report(new ShardNotice.SourceTrouble(problem, pause));
                }
            }
        }
    }

    private void shardGone() {
        SourceProblem problem = reads.problem();
        // One that was never seen may be so young that neither listing nor reading has heard of it.
        boolean mayBeBorn = !reads.wasFound() && !turn.isPast(began.plus(ShardLineage.UNSETTLED));
        if (problem != null && problem.kind() == SourceProblem.Kind.NOT_FOUND && !reads.atEnd() && !mayBeBorn) {
            turn.report(new ShardNotice.Gap(
                    reads.readUpTo(), null, "the source no longer has the shard, which was not read to its end"));
            reads.end();
        }
    }

    private void read() {
        if (stopDeadline == null && work.wantsRecords() && reads.isDue(turn.now())) {
            turn.add(reads.start(turn.number(), room.records(), room.bytes(), turn.now()));
        }
    }

    // ---- storing ----

    private void save() {
        if (!endTried && saves.isDue(turn.now(), !work.isInFlight())) {
            long call = turn.number();
            saves.start(call, turn.now());
            turn.add(new ShardCommand.Save(call, progress(false)));
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
            turn.report(new ShardNotice.StoreRecovered());
        }
        if (call == endCall) {
            end(End.SHARD_END);
        }
    }

    private void saveFailed(long call, String message) {
        Duration pause = saves.failed(call, turn.now());
        if (call == endCall) {
            endCall = 0;
        }
        if (saves.reports(turn.now())) {
            turn.report(new ShardNotice.StoreTrouble(message, pause));
        }
    }

    // ---- ending ----

    private void leaseLost() {
        work.cancel();
        end(End.LEASE_LOST);
    }

    private void finish() {
        if (end != null) {
            return;
        }
        boolean ends = endTried || (stopDeadline == null && reads.atEnd() && work.isEmpty());
        if (ends && saves.isReady(turn.now())) {
            endTried = true;
            endCall = turn.number();
            saves.start(endCall, turn.now());
            turn.add(new ShardCommand.SaveEnd(endCall, progress(true), Objects.requireNonNull(reads.children())));
        }
        if (stopDeadline != null) {
            stop(stopDeadline);
        }
    }

    private void stop(Instant deadline) {
        if (!work.isInFlight() && (saves.isDone() || turn.isPast(deadline.plus(STOP_GRACE)))) {
            work.letGo(cancelled);
            end(End.STOPPED);
        }
    }

    private void end(End why) {
        end = why;
        turn.add(new ShardCommand.Finish(why));
    }

    // ---- from outside ----

    /** When the next {@link ShardEvent.Tick} is due if nothing else happens before. */
    public Instant nextWakeup() {
        if (end != null) {
            return Instant.MAX;
        }
        Instant next = endCall == 0 ? saves.next() : Instant.MAX;
        if (stopDeadline != null) {
            return earlier(next, turn.isPast(stopDeadline) ? stopDeadline.plus(STOP_GRACE) : stopDeadline);
        }
        next = earlier(next, work.nextWakeup());
        if (work.wantsRecords()) {
            next = earlier(next, reads.next());
        }
        return next;
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
                work.health(),
                tracker.checkpoint(reads.readUpTo()),
                reads.from(),
                reads.behindLatest(),
                work.retention(),
                tracker.held(),
                room.heldBytes(),
                saves.unsaved(),
                work.snapshots(),
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
