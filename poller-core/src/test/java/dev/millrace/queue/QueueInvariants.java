package dev.millrace.queue;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.queue.SimulatedQueue.Stored;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What must hold at every moment of a simulated run, one tight rule per mapping field. */
final class QueueInvariants {

    private static final int MOST_TURNS_AT_ONE_MOMENT = 2_000;

    private final QueueSimulation simulation;
    private final Scenario scenario;
    private final QueuePolicy policy;
    private final Set<String> processed = new HashSet<>();
    private final Set<String> deleted = new HashSet<>();

    /** State of the present machine. */
    private final Map<Long, QueueCommand.Receive> receives = new HashMap<>();

    private final Map<Long, QueueCommand.Invoke> invoking = new HashMap<>();
    private final Set<Long> probing = new HashSet<>();
    private final Map<Long, Instant> notBefore = new HashMap<>();
    private final Map<String, Instant> receivedAt = new HashMap<>();
    private final Set<String> failedByFunction = new HashSet<>();
    private FunctionHealth health = FunctionHealth.AVAILABLE;
    private @Nullable Instant startedAt;
    private @Nullable Instant deadline;
    private boolean cancelled;
    private int callsInFlight;
    private int deletesInFlight;
    private int deleting;
    private int limit = Integer.MAX_VALUE;
    private Instant throttledAt = Instant.EPOCH;
    private int turnsAtOneMoment;
    private Instant lastTurn = Instant.MIN;

    /** Groups in the function's hands, by incarnation of the machine that sent them. */
    private final Map<String, Integer> groupsInFunction = new HashMap<>();

    QueueInvariants(QueueSimulation simulation) {
        this.simulation = simulation;
        this.scenario = simulation.scenario;
        this.policy = scenario.policy();
    }

    // ---- what the machine does ----

    void turn(QueueEvent event, List<QueueCommand> commands, QueueSnapshot snapshot) {
        if (startedAt == null) {
            startedAt = simulation.now;
        }
        turnsAtOneMoment = simulation.now.equals(lastTurn) ? turnsAtOneMoment + 1 : 0;
        lastTurn = simulation.now;
        check(turnsAtOneMoment < MOST_TURNS_AT_ONE_MOMENT, "the machine spins " + snapshot);
        told(event, deliveredTwice(commands));
        for (QueueCommand command : commands) {
            callsInFlight += QueueSimulation.startsCall(command) ? 1 : 0;
            switch (command) {
                case QueueCommand.Receive receive -> receive(receive, snapshot);
                case QueueCommand.Invoke invoke -> invoke(invoke);
                case QueueCommand.Delete delete -> delete(delete);
                case QueueCommand.ChangeVisibility change -> changeVisibility(change, event);
                case QueueCommand.Report(var notice) -> report(notice);
                case QueueCommand.Describe _, QueueCommand.CancelInvocations _, QueueCommand.Finish _ -> {}
            }
        }
        concurrency(snapshot);
        if (event instanceof QueueEvent.Invoked(var _, var outcome)) {
            slowsDown(outcome, snapshot.concurrencyLimit());
        }
        limit = snapshot.concurrencyLimit();
        deleting = snapshot.deleting();
        check(snapshot.heldMessages() > 0 || snapshot.heldBytes() == 0, "holds bytes without messages " + snapshot);
        if (snapshot.collecting() > 0) {
            check(deadline == null, "a batch still collects although the machine stops");
        }
    }

    private static Set<String> deliveredTwice(List<QueueCommand> commands) {
        Set<String> ids = new HashSet<>();
        for (QueueCommand command : commands) {
            if (command instanceof QueueCommand.Report(QueueNotice.DeliveredTwice(var message))) {
                ids.add(message.messageId());
            }
        }
        return ids;
    }

    private void told(QueueEvent event, Set<String> deliveredTwice) {
        callsInFlight -= QueueSimulation.endsCall(event) ? 1 : 0;
        deletesInFlight -= event instanceof QueueEvent.Deleted || event instanceof QueueEvent.DeleteFailed ? 1 : 0;
        switch (event) {
            case QueueEvent.Received(var call, var messages, var at) -> {
                receives.remove(call);
                messages.forEach(message -> {
                    if (!deliveredTwice.contains(message.messageId())) {
                        receivedAt.put(message.messageId(), at);
                    }
                    failedByFunction.remove(message.messageId());
                });
            }
            case QueueEvent.ReceiveFailed(var call, var _) -> receives.remove(call);
            case QueueEvent.Invoked(var batch, var outcome) -> {
                QueueCommand.Invoke ended = invoking.remove(batch);
                probing.remove(batch);
                Duration leastPause = leastPause(ended == null ? 1 : ended.attempt());
                notBefore.remove(batch);
                if (outcome instanceof InvocationOutcome.Throttled(var _, var retryAfter)) {
                    notBefore.put(batch, simulation.now.plus(longer(retryAfter, leastPause)));
                } else if (outcome instanceof InvocationOutcome.Unavailable(var _, var retryAfter)) {
                    notBefore.put(batch, simulation.now.plus(longer(retryAfter, leastPause)));
                }
            }
            case QueueEvent.FunctionHealthChanged(var changed) -> {
                health = changed;
                probing.clear();
            }
            case QueueEvent.StopRequested _ -> {}
            case QueueEvent.Tick _,
                    QueueEvent.Described _,
                    QueueEvent.DescribeFailed _,
                    QueueEvent.Deleted _,
                    QueueEvent.DeleteFailed _,
                    QueueEvent.VisibilityChanged _,
                    QueueEvent.VisibilityChangeFailed _ -> {}
        }
    }

    /** Half of the doubling pause, the rest being jitter: closer attempts would hammer a function that is down. */
    private static Duration leastPause(int attempt) {
        long full = QueueMachine.RETRY_INVOKE.base().toMillis() << Math.min(attempt - 1, 20);
        return Duration.ofMillis(
                Math.min(full, QueueMachine.RETRY_INVOKE.maximum().toMillis()) / 2);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private void receive(QueueCommand.Receive receive, QueueSnapshot snapshot) {
        receives.put(receive.call(), receive);
        check(deadline == null, "receives although it stops");
        check(health != FunctionHealth.SUSPENDED, "receives although the breaker is open");
        check(receive.maximum() >= 1 && receive.maximum() <= 10, "asks for " + receive.maximum());
        check(receive.maximum() <= policy.batchSize(), "asks for more than a batch");
        check(receive.waitTime().equals(policy.options().waitTime()), "wrong wait time");
        int slots = policy.scaling().ceiling();
        int busy = snapshot.invoking() + snapshot.backingOff() + snapshot.waiting();
        if (policy.window().isZero()) {
            check(receives.size() + busy <= slots, "receives what it could not invoke at once");
        } else {
            long asked = receives.values().stream()
                    .mapToLong(QueueCommand.Receive::maximum)
                    .sum();
            long room = (long) (slots - busy) * policy.batchSize();
            check(asked + snapshot.collecting() <= room, "receives what it could not invoke at once");
        }
        boolean nothingElse = snapshot.heldMessages() == 0 && receives.size() == 1;
        check(nothingElse || snapshot.heldBytes() <= policy.maximumBytes(), "receives beyond its memory");
    }

    private void concurrency(QueueSnapshot snapshot) {
        int ceiling = policy.scaling().ceiling();
        check(snapshot.concurrencyLimit() <= ceiling, "limit above its ceiling");
        check(snapshot.invoking() <= ceiling, "more invocations than allowed");
        if (policy.scaling().growthPerMinute().isPresent() && startedAt != null) {
            double minutes = Duration.between(startedAt, simulation.now).toMillis() / 60_000.0;
            double most = policy.scaling().start()
                    + minutes * policy.scaling().growthPerMinute().getAsInt();
            check(snapshot.concurrencyLimit() <= most + 1, "grows faster than its preset");
        }
        check(snapshot.concurrencyLimit() >= Math.min(1, ceiling), "limit below one");
    }

    /** Errors reduce concurrency, reported failures do not; throttles within a second count once (spec 3.4). */
    private void slowsDown(InvocationOutcome outcome, int after) {
        if (outcome instanceof InvocationOutcome.FunctionError) {
            boolean mayFall = limit >= 10 && limit > policy.scaling().floor() + 1;
            check(after <= limit - (mayFall ? 1 : 0), "a function error does not slow down: " + limit + " to " + after);
        } else if (!QueueSimulation.ran(outcome) && !(outcome instanceof InvocationOutcome.TooLarge)) {
            boolean counts = throttledAt.plusSeconds(1).compareTo(simulation.now) <= 0;
            throttledAt = counts ? simulation.now : throttledAt;
            int most = counts ? Math.max(1, (limit + 1) / 2) : limit;
            check(after <= Math.min(limit, most), "throttling does not slow down: " + limit + " to " + after);
        }
    }

    private void invoke(QueueCommand.Invoke invoke) {
        List<QueueMessage> messages = invoke.messages();
        invoking.put(invoke.batch(), invoke);
        check(!messages.isEmpty(), "invokes an empty batch");
        check(messages.size() <= policy.batchSize(), "batch above BatchSize");
        check(QueueSimulation.eventBytes(messages) <= RecordsEvent.MAXIMUM_BYTES, "event above 6 MB");
        check(messages.stream().allMatch(QueueMessage::matched), "invokes a filtered message");
        check(health != FunctionHealth.SUSPENDED, "invokes although the breaker is open");
        check(health != FunctionHealth.PROBING || probing.isEmpty(), "two probes");
        probing.add(invoke.batch());
        check(!cancelled, "invokes after the deadline");
        Instant allowed = notBefore.getOrDefault(invoke.batch(), Instant.MIN);
        check(!simulation.now.isBefore(allowed), "tries again before its pause or Retry-After is over");
        for (QueueMessage message : messages) {
            Stored stored = simulation.queue.message(message.messageId());
            boolean ours = stored.handle.equals(message.receiptHandle());
            // The queue counts from when it hands a message out, the machine from when it learns of it.
            Instant asKnown = stored.visibleAt.plus(QueueSimulation.LONGEST_LATENCY);
            check(!ours || asKnown.isAfter(simulation.now), "invokes a message whose visibility has expired");
        }
        windowIsExact(invoke);
    }

    private void windowIsExact(QueueCommand.Invoke invoke) {
        if (policy.window().isZero() || invoke.attempt() > 1 || deadline != null || simulation.faultsEver()) {
            return;
        }
        Instant first = invoke.messages().stream()
                .map(message -> receivedAt.getOrDefault(message.messageId(), Instant.MAX))
                .min(Instant::compareTo)
                .orElseThrow();
        boolean full = invoke.messages().size() == policy.batchSize();
        long next = QueueSimulation.eventBytes(invoke.messages()) + scenario.messageBytes();
        Duration waited = Duration.between(first, simulation.now);
        check(
                full || next > RecordsEvent.MAXIMUM_BYTES - 1 || waited.compareTo(shortestWindow()) >= 0,
                "closes a batch before its window: " + waited);
        check(waited.compareTo(policy.window()) <= 0 || !hadRoom(), "holds a batch beyond its window: " + waited);
    }

    /** The window ends early so that the function has its timeout and a margin, or half of the visibility timeout. */
    private Duration shortestWindow() {
        Duration visibility = scenario.visibilityTimeout();
        Duration tenth = visibility.dividedBy(10);
        Duration margin = tenth.compareTo(QueueMachine.VISIBILITY_MARGIN) < 0 ? tenth : QueueMachine.VISIBILITY_MARGIN;
        Duration left = policy.functionTimeout().plus(margin);
        Duration half = visibility.dividedBy(2);
        Duration latest = visibility.minus(left.compareTo(half) < 0 ? left : half);
        return latest.compareTo(policy.window()) < 0 ? latest : policy.window();
    }

    private boolean hadRoom() {
        // Surplus of a payload-limited batch may wait for a slot; everything else finds one, since it was asked for.
        return scenario.messageBytes() < 1_000;
    }

    private void delete(QueueCommand.Delete delete) {
        deletesInFlight++;
        check(
                !delete.messages().isEmpty() && delete.messages().size() <= 10,
                "delete of " + delete.messages().size());
        for (QueueMessage message : delete.messages()) {
            check(
                    processed.contains(message.messageId()) || !message.matched(),
                    "deletes a message that was not processed: " + message.messageId());
        }
    }

    private void changeVisibility(QueueCommand.ChangeVisibility change, QueueEvent event) {
        check(!change.changes().isEmpty() && change.changes().size() <= 10, "visibility call of wrong size");
        RetryBackoff backoff = policy.options().retryBackoff();
        Heartbeat heartbeat = policy.options().heartbeat();
        Map<String, Duration> firstOfGroup = new HashMap<>();
        for (VisibilityChange one : change.changes()) {
            boolean release = deadline != null
                    && policy.options().releaseOnShutdown()
                    && one.timeout().isZero()
                    && (receives.isEmpty() || !simulation.now.isBefore(deadline));
            String group = one.message().messageGroupId();
            boolean failed = backoff != null
                    && event instanceof QueueEvent.Invoked
                    && one.timeout()
                            .equals(
                                    group == null
                                            ? expected(backoff, one.message())
                                            : firstOfGroup.computeIfAbsent(
                                                    group, _ -> expected(backoff, one.message())));
            boolean beat = heartbeat != null && withinCeiling(one, heartbeat);
            check(release || failed || beat, "unexpected visibility change " + one.timeout());
        }
    }

    private static Duration expected(RetryBackoff backoff, QueueMessage message) {
        double seconds = (double) backoff.base().toSeconds() * Math.pow(backoff.factor(), message.receiveCount() - 1);
        return Duration.ofSeconds(
                Math.round(Math.min(seconds, (double) backoff.maximum().toSeconds())));
    }

    private boolean withinCeiling(VisibilityChange change, Heartbeat heartbeat) {
        Instant first = receivedAt.getOrDefault(change.message().messageId(), simulation.now);
        return !simulation.now.plus(change.timeout()).isAfter(first.plus(heartbeat.maximum()));
    }

    private void report(QueueNotice notice) {
        if (notice instanceof QueueNotice.LetGo(var _, var messages, var reason, var _)) {
            for (QueueMessage message : messages) {
                check(
                        !deleted.contains(message.messageId()) || simulation.faultsEver(),
                        "lets go of a deleted message");
            }
            if (reason != QueueNotice.Reason.STOPPED) {
                messages.forEach(message -> failedByFunction.add(message.messageId()));
            }
            if (reason == QueueNotice.Reason.VISIBILITY_NEARLY_USED_UP) {
                check(
                        simulation.faultsEver() || scenario.fifo() || !hadRoom(),
                        "let visibility run out without a fault");
            }
        } else if (notice instanceof QueueNotice.NotDeleted(var messages, var detail)) {
            Instant patience = deadline == null ? Instant.MAX : deadline.plus(QueueMachine.STOP_GRACE);
            check(
                    !detail.equals("the mapping stopped") || !simulation.now.isBefore(patience),
                    "ends before its last deletes");
            messages.forEach(this::givenUp);
        } else if (notice instanceof QueueNotice.DeliveredTwice(var message)) {
            boolean heartbeatWorks = policy.options().heartbeat() != null
                    && policy.options().heartbeat().maximum().compareTo(Duration.ofMinutes(5)) > 0;
            check(
                    simulation.faultsEver() || !heartbeatWorks,
                    "the heartbeat let the visibility expire: " + message.messageId());
        }
    }

    /** A delete is tried for as long as the queue keeps the message invisible for us. */
    private void givenUp(QueueMessage message) {
        if (deadline != null || policy.options().heartbeat() != null || !simulation.queue.holds(message.messageId())) {
            return;
        }
        Stored stored = simulation.queue.message(message.messageId());
        boolean ours = stored.handle.equals(message.receiptHandle());
        boolean invisible = stored.visibleAt.isAfter(simulation.now.plusSeconds(1));
        check(!ours || !invisible, "gives up a delete that could still succeed: " + message.messageId());
    }

    void scheduled(Instant wakeup, boolean finished) {
        boolean deleteWaits = deleting > 0 && deletesInFlight == 0 && !finished;
        check(
                !deleteWaits || !wakeup.isAfter(simulation.now.plusSeconds(5)),
                "nothing is scheduled for a delete that waits");
        boolean waits = callsInFlight > 0 || !wakeup.equals(Instant.MAX);
        check(waits || finished || health != FunctionHealth.AVAILABLE, "nothing is scheduled");
    }

    // ---- what the queue and the function see ----

    void received(List<QueueMessage> messages) {
        for (QueueMessage message : messages) {
            check(!deleted.contains(message.messageId()), "a deleted message came back");
        }
    }

    void functionStarted(int incarnation, QueueCommand.Invoke invoke) {
        if (!scenario.fifo()) {
            return;
        }
        Set<String> inBatch = new HashSet<>();
        for (QueueMessage message : invoke.messages()) {
            Stored stored = simulation.queue.message(message.messageId());
            List<String> skipped = simulation.queue.earlierOfGroup(stored).stream()
                    .filter(earlier -> earlier.matched)
                    .map(earlier -> earlier.id)
                    .filter(id -> !processed.contains(id) && !inBatch.contains(id))
                    .toList();
            check(skipped.isEmpty(), "message " + message.messageId() + " overtakes " + skipped);
            inBatch.add(message.messageId());
        }
        for (String group : groups(invoke)) {
            Integer other = groupsInFunction.put(group, incarnation);
            check(other == null || other != incarnation, "group " + group + " is with the function twice");
        }
    }

    void functionEnded(int incarnation, QueueCommand.Invoke invoke, InvocationOutcome outcome) {
        groups(invoke).forEach(group -> groupsInFunction.remove(group, incarnation));
        List<String> succeeded = new ArrayList<>();
        if (outcome instanceof InvocationOutcome.Succeeded) {
            invoke.messages().forEach(message -> succeeded.add(message.messageId()));
        } else if (outcome instanceof InvocationOutcome.BatchItemFailures(var failed)
                && failed.stream().allMatch(ids(invoke)::contains)) {
            succeeded.addAll(ids(invoke));
            succeeded.removeAll(failed);
        }
        processed.addAll(succeeded);
    }

    private static Set<String> ids(QueueCommand.Invoke invoke) {
        return invoke.messages().stream().map(QueueMessage::messageId).collect(Collectors.toSet());
    }

    private static Set<String> groups(QueueCommand.Invoke invoke) {
        Set<String> groups = new HashSet<>();
        for (QueueMessage message : invoke.messages()) {
            if (message.messageGroupId() != null) {
                groups.add(message.messageGroupId());
            }
        }
        return groups;
    }

    void deleted(List<String> ids) {
        deleted.addAll(ids);
    }

    void health(FunctionHealth changed) {
        // Told to the machine by an event of its own; nothing to check before it has heard it.
    }

    void crashed() {
        receives.clear();
        invoking.clear();
        probing.clear();
        notBefore.clear();
        health = FunctionHealth.AVAILABLE;
        startedAt = null;
        callsInFlight = 0;
        deletesInFlight = 0;
        throttledAt = Instant.EPOCH;
    }

    void cancelled() {
        cancelled = true;
    }

    // ---- at the end ----

    void everythingAccountedFor() {
        for (int i = 0; i < scenario.messages(); i++) {
            Stored message = find(i);
            boolean settled = deleted.contains(message.id) || message.deadLettered;
            check(settled, "lost: " + message.id);
            check(!message.id.startsWith("poison") || !message.matched || message.deadLettered, "poison vanished");
        }
    }

    private Stored find(int i) {
        return simulation.queue.message(simulation.queue.knows("m" + i) ? "m" + i : "poison" + i);
    }

    void stopping(Instant by) {
        deadline = by;
    }

    void stopped(Instant by) {
        check(!simulation.now.isAfter(by.plus(QueueMachine.STOP_GRACE)), "stops too late");
        if (policy.options().releaseOnShutdown()) {
            for (Stored message : simulation.queue.left()) {
                boolean unfinished = !processed.contains(message.id) && receivedAt.containsKey(message.id);
                boolean failed = failedByFunction.contains(message.id) || !message.matched;
                boolean lastPoll = !receives.isEmpty() || simulation.faultsEver();
                check(
                        !unfinished || failed || lastPoll || !message.visibleAt.isAfter(simulation.now),
                        "not released: " + message.id);
            }
        }
    }

    private void check(boolean holds, String violation) {
        if (!holds) {
            throw simulation.violation(violation);
        }
    }
}
