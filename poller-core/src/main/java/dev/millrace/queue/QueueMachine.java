package dev.millrace.queue;

import dev.millrace.batch.Batcher;
import dev.millrace.invoke.Backoff;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.queue.QueueNotice.Reason;
import dev.millrace.queue.QueueWatch.Duty;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.VisibilityChange;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything a queue mapping decides: when to receive and how much, which messages form a batch, when to invoke, what an
 * outcome means, what to delete, extend and let go, and how to stop (spec 2, 3.4, 3.5, 4.8).
 *
 * <p>Pure: an event and the time go in, commands come out. Owned by one thread.
 */
public final class QueueMachine {

    /** Entries that one ReceiveMessage call brings at most. */
    static final int MOST_PER_RECEIVE = 10;
    /** An attempt that would start this close to the end of a message's visibility timeout is not made. */
    static final Duration VISIBILITY_MARGIN = Duration.ofSeconds(1);
    /** How long after the stop deadline calls that release or delete messages may still take. */
    static final Duration STOP_GRACE = Duration.ofSeconds(2);
    /** Pauses of an invocation that was throttled or did not reach the function. */
    static final Backoff RETRY_INVOKE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    /** Delete calls that may be in flight however low the concurrency. */
    private static final int LEAST_DELETES_AT_ONCE = 4;

    private final QueuePolicy policy;
    private final RandomGenerator random;
    private final ConcurrencyScaler scaler;
    private final QueueWatch queue;
    private final Receives receives;
    private final Deletions deletions;
    private final VisibilityCalls visibility;
    private final Batcher<HeldMessage> batcher;
    private final BatchLine line = new BatchLine();
    private final Map<String, HeldMessage> held = new HashMap<>();

    private long heldBytes;
    private long lastNumber;
    private FunctionHealth health = FunctionHealth.AVAILABLE;
    /** The batch that tries whether the function is back; 0 when none does. */
    private long probe;

    private @Nullable Instant stopDeadline;
    private boolean cancelled;
    private boolean finished;

    private List<QueueCommand> commands = new ArrayList<>();
    private Instant now = Instant.MIN;

    public QueueMachine(QueuePolicy policy, RandomGenerator random) {
        this.policy = policy;
        this.random = random;
        this.scaler = new ConcurrencyScaler(policy.scaling());
        this.queue = new QueueWatch(policy, this::report);
        this.receives = new Receives(policy, random);
        this.deletions = new Deletions(random);
        this.visibility = new VisibilityCalls(policy.options());
        this.batcher = new Batcher<>(policy.batchSize(), policy.window(), HeldMessage::bytes);
    }

    /** One turn: takes in what happened and answers what to do. Times must not go back. */
    public List<QueueCommand> on(QueueEvent event, Instant time) {
        if (finished) {
            return List.of();
        }
        now = time;
        commands = new ArrayList<>();
        switch (event) {
            case QueueEvent.Tick _ -> {}
            case QueueEvent.Described(var attributes) -> queue.described(attributes.visibilityTimeout(), now);
            case QueueEvent.DescribeFailed(var why) -> describeFailed(why);
            case QueueEvent.Received received -> received(received);
            case QueueEvent.ReceiveFailed(var call, var why) ->
                queue.trouble(Duty.RECEIVE, why, receives.failed(call, why, now), now);
            case QueueEvent.Invoked(var batch, var outcome) -> invoked(line.ended(batch), outcome);
            case QueueEvent.Deleted(var call, var count, var failures) -> {
                deletionEnded(deletions.answered(call, failures, now), "the queue refused: " + failures.values());
                if (failures.size() < count) {
                    queue.recovered(Duty.DELETE);
                }
                if (deletions.isEmpty()) {
                    queue.givenUp(Duty.DELETE);
                }
            }
            case QueueEvent.DeleteFailed(var call, var why) -> {
                deletionEnded(deletions.failed(call, now), why.message());
                queue.trouble(Duty.DELETE, why, deletions.pause(now), now);
                if (deletions.isEmpty()) {
                    queue.givenUp(Duty.DELETE);
                }
            }
            case QueueEvent.VisibilityChanged(var call, var failures) ->
                visibilityEnded(visibility.ended(call, failures, now), "the queue refused: " + failures.values());
            case QueueEvent.VisibilityChangeFailed(var call, var why) ->
                visibilityEnded(visibility.ended(call, null, now), why.message());
            case QueueEvent.FunctionHealthChanged(var changed) -> {
                health = changed;
                probe = 0;
            }
            case QueueEvent.StopRequested(var deadline) -> stopRequested(deadline);
        }
        advance();
        return commands;
    }

    private void advance() {
        batcher.closeIfDue(now).ifPresent(this::toLine);
        windUp();
        // Where the queue hides nothing, a batch closed in this turn is tried once, or it never would be.
        boolean hides = visibilityTimeout().isPositive();
        letGoOfExpired(
                batch -> hides || batch.attempts() > 0 || !batch.closedAt().equals(now));
        invoke();
        letGoOfExpired(_ -> true);
        heartbeat();
        delete();
        describe();
        receive();
        if (everySlotInvokes()) {
            scaler.demand(now);
        }
        finish();
    }

    // ---- the queue ----

    private void describe() {
        if (stopDeadline == null && queue.describe(now)) {
            commands.add(new QueueCommand.Describe());
        }
    }

    private void describeFailed(SourceProblem why) {
        if (queue.mayReceive()) {
            queue.describeLater(now);
        } else {
            queue.describeFailed(why, receives.backOff(why, now), now);
        }
    }

    private void received(QueueEvent.Received event) {
        receives.answered(event, now);
        queue.recovered(Duty.RECEIVE);
        if (event.messages().isEmpty()) {
            scaler.idle(now);
        }
        // Later messages of the group can only be in the same answer: the queue hands out no more while one is in
        // flight.
        Set<String> heldBack = new HashSet<>();
        for (QueueMessage message : event.messages()) {
            take(message, event.at(), heldBack);
        }
        if (policy.window().isZero() || stopDeadline != null) {
            batcher.close().ifPresent(this::toLine);
        }
    }

    private void take(QueueMessage message, Instant at, Set<String> heldBack) {
        Duration timeout = visibilityTimeout();
        HeldMessage known = held.get(message.messageId());
        if (known != null) {
            heldBytes += message.json().size() - known.bytes();
            known.deliveredAgain(message, at, timeout);
            report(new QueueNotice.DeliveredTwice(message));
            return;
        }
        HeldMessage fresh = new HeldMessage(message, at, timeout);
        held.put(fresh.id(), fresh);
        heldBytes += fresh.bytes();
        if (!message.matched()) {
            deletions.add(fresh);
        } else if (message.messageGroupId() != null && heldBack.contains(message.messageGroupId())) {
            leave(fresh, Reason.MESSAGE_GROUP_HELD_BACK, "an earlier message is too large");
        } else if (!batcher.fits(fresh)) {
            leave(fresh, Reason.TOO_LARGE, "the event would be larger than 6 MB");
            Optional.ofNullable(message.messageGroupId()).ifPresent(heldBack::add);
        } else {
            batcher.add(fresh, at).ifPresent(this::toLine);
            batcher.closeBy(fresh.visibleAgainAt().minus(timeForTheFunction()));
        }
    }

    /** Leaves a message in the queue that has just come. What is held of its group came before it and goes on. */
    private void leave(HeldMessage fresh, Reason reason, String detail) {
        forget(fresh);
        report(new QueueNotice.LetGo(0, List.of(fresh.message()), reason, detail));
    }

    /** What a window must leave of the visibility timeout: the function's own timeout, or half of it if that is less. */
    private Duration timeForTheFunction() {
        Duration half = visibilityTimeout().dividedBy(2);
        Duration whole = policy.functionTimeout().plus(margin());
        return whole.compareTo(half) < 0 ? whole : half;
    }

    private void toLine(List<HeldMessage> messages) {
        line.add(new HeldBatch(++lastNumber, messages, now));
    }

    private void receive() {
        // What cannot be deleted will be processed again, so no more is taken on until it can.
        boolean mayReceive = queue.mayReceive() && !deletions.failing();
        if (!mayReceive || stopDeadline != null || health == FunctionHealth.SUSPENDED) {
            return;
        }
        while (receives.wantsMore(now)) {
            int maximum = room();
            if (maximum <= 0) {
                return;
            }
            commands.add(receives.start(++lastNumber, maximum, now));
        }
    }

    /** Messages that one more receive may bring so that each will find a slot at once (issue P3 of the spec). */
    private int room() {
        int free = freeSlots() - line.waiting() - (batcher.size() > 0 ? 1 : 0);
        if (heldBytes + receives.expectedBytesWithOneMore() > policy.maximumBytes()
                && !(held.isEmpty() && receives.isEmpty())) {
            return 0;
        }
        int perReceive = Math.min(MOST_PER_RECEIVE, policy.batchSize());
        if (policy.window().isZero()) {
            return receives.size() < free ? perReceive : 0;
        }
        long open = batcher.size() > 0 ? policy.batchSize() - batcher.size() : 0;
        return (int) Math.min(perReceive, (long) free * policy.batchSize() + open - receives.asked());
    }

    private int freeSlots() {
        if (health == FunctionHealth.PROBING) {
            // Invocations from before the function failed may still run and hold every slot; one more may probe.
            return probe != 0 ? 0 : Math.min(1, policy.scaling().ceiling() - line.busy());
        }
        return scaler.limit() - line.busy();
    }

    // ---- the function ----

    private void invoke() {
        while (!cancelled && mayInvoke()) {
            Optional<HeldBatch> next = line.takeDue(now);
            if (next.isEmpty() && freeSlots() > 0) {
                next = line.takeReady();
            }
            if (next.isEmpty()) {
                return;
            }
            HeldBatch batch = next.get();
            if (health == FunctionHealth.PROBING) {
                probe = batch.number();
            }
            batch.attempted();
            line.started(batch);
            commands.add(new QueueCommand.Invoke(batch.number(), batch.attempts(), batch.queueMessages()));
        }
    }

    private boolean everySlotInvokes() {
        return health == FunctionHealth.AVAILABLE && line.invocations() > 0 && line.invocations() >= scaler.limit();
    }

    private boolean mayInvoke() {
        return health == FunctionHealth.AVAILABLE || (health == FunctionHealth.PROBING && probe == 0);
    }

    private void invoked(HeldBatch batch, InvocationOutcome outcome) {
        if (batch.number() == probe) {
            probe = 0;
        }
        boolean everySlotBusy = line.busy() + 1 >= scaler.limit();
        switch (Settlement.of(batch, outcome)) {
            case Settlement.Settle settle -> {
                if (settle.slowDown()) {
                    scaler.functionError(now);
                } else {
                    scaler.succeeded(everySlotBusy, now);
                }
                settle(batch, settle);
            }
            case Settlement.KeepTrying(var notBefore) -> {
                scaler.throttled(now);
                Duration pause = RETRY_INVOKE.pause(batch.attempts(), random);
                batch.retryAt(now.plus(pause.compareTo(notBefore) > 0 ? pause : notBefore));
                line.backOff(batch);
            }
            case Settlement.Split _ -> {
                int middle = (batch.messages().size() + 1) / 2;
                line.addFirst(List.of(
                        new HeldBatch(++lastNumber, batch.messages().subList(0, middle), now),
                        new HeldBatch(
                                ++lastNumber,
                                batch.messages()
                                        .subList(middle, batch.messages().size()),
                                now)));
            }
        }
    }

    private void settle(HeldBatch batch, Settlement.Settle settle) {
        List<HeldMessage> failed = new ArrayList<>();
        for (HeldMessage message : batch.messages()) {
            if (settle.failed().contains(message.id())) {
                failed.add(message);
            } else {
                deletions.add(message);
            }
        }
        if (!failed.isEmpty()) {
            delayFailed(failed);
            letGo(batch.number(), failed, settle.reason(), settle.detail());
        }
    }

    private void delayFailed(List<HeldMessage> failed) {
        // SQS hands out a group's messages only when none of them is invisible, so all wait for the first one's pause.
        Map<String, Integer> firstOfGroup = new HashMap<>();
        List<VisibilityChange> changes = new ArrayList<>();
        for (HeldMessage message : failed) {
            int count = message.message().receiveCount();
            String group = message.message().messageGroupId();
            int deciding = group == null ? count : firstOfGroup.computeIfAbsent(group, _ -> count);
            visibility.backoff(message.message(), deciding).ifPresent(changes::add);
        }
        changeVisibility(changes, List.of());
    }

    private void letGoOfExpired(Predicate<HeldBatch> concerned) {
        Duration margin = margin();
        Predicate<HeldMessage> expired =
                message -> !now.isBefore(message.visibleAgainAt().minus(margin));
        for (HeldBatch batch : line.notInvoking()) {
            if (concerned.test(batch) && batch.messages().stream().anyMatch(expired)) {
                letGo(
                        batch.number(),
                        line.removeFrom(batch, expired),
                        Reason.VISIBILITY_NEARLY_USED_UP,
                        batch.attempts() == 0 ? "no slot became free in time" : "the function did not take the batch");
            }
        }
    }

    private Duration visibilityTimeout() {
        Duration timeout = queue.visibilityTimeout();
        return timeout == null ? Duration.ZERO : timeout;
    }

    private Duration margin() {
        Duration tenth = visibilityTimeout().dividedBy(10);
        return tenth.compareTo(VISIBILITY_MARGIN) < 0 ? tenth : VISIBILITY_MARGIN;
    }

    /** Gives messages back to the queue, and with them all later ones of their message groups. */
    private void letGo(long batch, List<HeldMessage> messages, Reason reason, String detail) {
        if (messages.isEmpty()) {
            return;
        }
        Set<String> groups = new HashSet<>();
        for (HeldMessage message : messages) {
            String group = message.message().messageGroupId();
            if (group != null) {
                groups.add(group);
            }
            forget(message);
        }
        report(new QueueNotice.LetGo(batch, queueMessages(messages), reason, detail));
        if (!groups.isEmpty()) {
            List<HeldMessage> later =
                    line.remove(message -> groups.contains(message.message().messageGroupId()));
            later.forEach(this::forget);
            if (!later.isEmpty()) {
                report(new QueueNotice.LetGo(
                        0, queueMessages(later), Reason.MESSAGE_GROUP_HELD_BACK, "an earlier message failed"));
            }
        }
    }

    private void forget(HeldMessage message) {
        held.remove(message.id());
        heldBytes -= message.bytes();
        visibility.forget(message);
    }

    // ---- acknowledging ----

    private void delete() {
        int callsAtOnce = Math.max(LEAST_DELETES_AT_ONCE, scaler.limit());
        while (deletions.canSend(callsAtOnce, now)) {
            long call = ++lastNumber;
            commands.add(new QueueCommand.Delete(call, deletions.send(call)));
        }
    }

    private void deletionEnded(Deletions.Result result, String detail) {
        result.deleted().forEach(this::forget);
        result.givenUp().forEach(this::forget);
        if (!result.givenUp().isEmpty()) {
            report(new QueueNotice.NotDeleted(queueMessages(result.givenUp()), detail));
        }
    }

    private void heartbeat() {
        Duration visibilityTimeout = queue.visibilityTimeout();
        if (visibilityTimeout != null && !cancelled) {
            List<HeldMessage> extending = new ArrayList<>();
            changeVisibility(visibility.heartbeats(line.invoking(), visibilityTimeout, now, extending), extending);
        }
    }

    private void changeVisibility(List<VisibilityChange> changes, List<HeldMessage> extending) {
        for (List<VisibilityChange> chunk : visibility.chunks(changes)) {
            long call = ++lastNumber;
            visibility.sent(call, chunk, extending, now);
            commands.add(new QueueCommand.ChangeVisibility(call, chunk));
        }
    }

    private void visibilityEnded(List<QueueMessage> unchanged, String detail) {
        if (!unchanged.isEmpty()) {
            report(new QueueNotice.VisibilityNotChanged(unchanged, detail));
        }
    }

    // ---- stopping ----

    private void stopRequested(Instant deadline) {
        if (stopDeadline == null || deadline.isBefore(stopDeadline)) {
            stopDeadline = deadline;
        }
        batcher.close().ifPresent(this::toLine);
    }

    private void windUp() {
        if (stopDeadline == null) {
            return;
        }
        // A batch that would have to wait for a function that does not answer is worth more to another node.
        boolean early = policy.options().releaseOnShutdown() || health == FunctionHealth.SUSPENDED;
        // While a long poll of ours is open it would receive what is released, and burn a receive count.
        if ((early && receives.isEmpty()) || !now.isBefore(stopDeadline)) {
            List<HeldMessage> waiting = line.remove(_ -> true);
            release(waiting);
            letGo(0, waiting, Reason.STOPPED, "not invoked before the stop");
        }
        if (!now.isBefore(stopDeadline) && !cancelled) {
            cancelled = true;
            commands.add(new QueueCommand.CancelInvocations());
            for (HeldBatch batch : line.invoking()) {
                release(batch.messages());
            }
        }
    }

    private void release(List<HeldMessage> messages) {
        if (policy.options().releaseOnShutdown()) {
            changeVisibility(
                    messages.stream()
                            .map(message -> new VisibilityChange(message.message(), Duration.ZERO))
                            .toList(),
                    List.of());
        }
    }

    private void finish() {
        if (stopDeadline == null) {
            return;
        }
        boolean drained = receives.isEmpty() && line.isEmpty() && deletions.isEmpty() && visibility.isEmpty();
        boolean released = cancelled && visibility.isEmpty() && deletions.isEmpty();
        if (drained || released || !now.isBefore(stopDeadline.plus(STOP_GRACE))) {
            for (HeldBatch batch : List.copyOf(line.invoking())) {
                letGo(batch.number(), line.ended(batch.number()).messages(), Reason.STOPPED, "interrupted");
            }
            List<HeldMessage> undeleted = deletions.abandon();
            if (!undeleted.isEmpty()) {
                report(new QueueNotice.NotDeleted(queueMessages(undeleted), "the mapping stopped"));
            }
            finished = true;
            commands.add(new QueueCommand.Finish());
        }
    }

    // ---- time and sight ----

    /** When a {@link QueueEvent.Tick} is due at the latest; {@link Instant#MAX} when only an event can change anything. */
    public Instant nextWakeup() {
        if (finished) {
            return Instant.MAX;
        }
        Instant next = batcher.deadline().orElse(Instant.MAX);
        next = earlier(next, deletions.nextSend(now));
        next = earlier(next, after(line.firstVisibleAgain(), margin().negated()));
        if (!cancelled && mayInvoke()) {
            next = earlier(next, line.nextRetry());
        }
        Duration visibilityTimeout = queue.visibilityTimeout();
        if (visibilityTimeout != null && !cancelled) {
            next = earlier(next, visibility.nextHeartbeat(line.invoking(), visibilityTimeout, now));
        }
        if (stopDeadline != null) {
            return earlier(next, cancelled ? stopDeadline.plus(STOP_GRACE) : stopDeadline);
        }
        next = earlier(next, everySlotInvokes() ? scaler.nextGrowth(now) : Instant.MAX);
        return earlier(earlier(next, queue.nextDescribe()), receives.nextStart(now));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant after(Instant instant, Duration time) {
        return instant.equals(Instant.MAX) ? instant : instant.plus(time);
    }

    public boolean finished() {
        return finished;
    }

    /** The machine as operators see it. */
    public QueueSnapshot snapshot() {
        return new QueueSnapshot(
                phase(),
                health,
                scaler.limit(),
                line.invocations(),
                line.busy() - line.invocations(),
                line.waiting(),
                batcher.size(),
                receives.size(),
                deletions.size(),
                held.size(),
                heldBytes,
                queue.visibilityTimeout(),
                queue.problem());
    }

    private QueueSnapshot.Phase phase() {
        if (finished) {
            return QueueSnapshot.Phase.FINISHED;
        } else if (stopDeadline != null) {
            return QueueSnapshot.Phase.STOPPING;
        } else if (queue.refused()) {
            return QueueSnapshot.Phase.REFUSED;
        }
        return queue.visibilityTimeout() == null ? QueueSnapshot.Phase.STARTING : QueueSnapshot.Phase.RUNNING;
    }

    private void report(QueueNotice notice) {
        commands.add(new QueueCommand.Report(notice));
    }

    private static List<QueueMessage> queueMessages(List<HeldMessage> messages) {
        return messages.stream().map(HeldMessage::message).toList();
    }
}
