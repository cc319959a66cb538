package dev.millrace.queue;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.queue.SimulatedQueue.Stored;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One run of the queue machine against a simulated queue and function on virtual time, with faults, crashes and a stop.
 * Everything derives from the seed. {@link QueueInvariants} watches every turn.
 */
final class QueueSimulation {

    /** Of an answer on its way. */
    static final Duration LONGEST_LATENCY = Duration.ofMillis(300);

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration FAULTS_END = Duration.ofMinutes(10);
    private static final Duration LONGEST_RUN = Duration.ofHours(200);
    private static final int MOST_TURNS = 400_000;

    private record Scheduled(Instant at, long order, Runnable action) implements Comparable<Scheduled> {
        @Override
        public int compareTo(Scheduled other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Random random;
    final Scenario scenario;
    final SimulatedQueue queue;
    final QueueInvariants invariants;
    private final PriorityQueue<Scheduled> agenda = new PriorityQueue<>();
    private final StringBuilder trace = new StringBuilder();
    private long order;
    private int turns;
    Instant now = START;

    private int incarnation;
    private boolean stopping;
    private QueueMachine machine;
    private @Nullable Instant tickAt;
    private @Nullable Instant down;
    private int failuresInARow;
    private FunctionHealth health = FunctionHealth.AVAILABLE;

    QueueSimulation(long seed) {
        this.random = new Random(seed);
        this.scenario = Scenario.random(random);
        this.queue =
                new SimulatedQueue(scenario.fifo(), scenario.visibilityTimeout(), scenario.maxReceiveCount(), random);
        this.invariants = new QueueInvariants(this);
        this.machine = new QueueMachine(scenario.policy(), new Random(seed + 1));
    }

    /** Runs until the queue is empty, then stops the machine. Throws AssertionError on a violation. */
    void run() {
        for (int i = 0; i < scenario.messages(); i++) {
            Stored message = message(i);
            at(between(Duration.ZERO, scenario.sendingTime()), () -> queue.send(message));
        }
        for (int i = 0; i < scenario.crashes(); i++) {
            at(between(Duration.ZERO, FAULTS_END), this::crash);
        }
        if (scenario.functionOutage()) {
            at(
                    between(Duration.ZERO, Duration.ofMinutes(2)),
                    () -> down = now.plus(between(Duration.ZERO, FAULTS_END)));
        }
        tell(incarnation, new QueueEvent.Tick());
        Instant sent = START.plus(scenario.sendingTime());
        runUntil(() -> now.isAfter(sent)
                && queue.left().isEmpty()
                && machine.snapshot().heldMessages() == 0);
        invariants.everythingAccountedFor();
        stop();
    }

    private void stop() {
        int more = random.nextInt(30);
        for (int i = 0; i < more; i++) {
            queue.send(message(scenario.messages() + i));
        }
        runFor(between(Duration.ZERO, Duration.ofSeconds(3)));
        Instant deadline = now.plus(between(Duration.ZERO, Duration.ofSeconds(30)));
        stopping = true;
        invariants.stopping(deadline);
        tell(incarnation, new QueueEvent.StopRequested(deadline));
        runUntil(() -> machine.finished());
        invariants.stopped(deadline);
    }

    private Stored message(int i) {
        String group = scenario.fifo() ? "g" + random.nextInt(scenario.groups()) : null;
        boolean matched = random.nextDouble() >= scenario.filteredShare();
        boolean poison = random.nextDouble() < scenario.poisonShare();
        return new Stored((poison ? "poison" : "m") + i, group, payload(), matched);
    }

    private Payload payload() {
        return Payload.of(BYTES[scenario.messageBytes() > 1_000 ? 1 : 0]);
    }

    private static final byte[][] BYTES = {new byte[200], new byte[700_000]};

    // ---- the world ----

    private void runUntil(java.util.function.BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            step();
        }
    }

    private void runFor(Duration time) {
        AtomicReference<Boolean> over = new AtomicReference<>(false);
        at(time, () -> over.set(true));
        runUntil(over::get);
    }

    private void step() {
        Scheduled next = agenda.poll();
        if (next == null) {
            throw violation("nothing is scheduled, but the run is not over");
        }
        now = next.at();
        if (now.isAfter(START.plus(LONGEST_RUN)) || ++turns > MOST_TURNS) {
            throw violation("the run does not end; left: " + queue.left().size() + ", " + machine.snapshot());
        }
        next.action().run();
    }

    void at(Duration fromNow, Runnable action) {
        agenda.add(new Scheduled(now.plus(fromNow), order++, action));
    }

    private Duration between(Duration from, Duration to) {
        long span = to.toMillis() - from.toMillis();
        return from.plusMillis(span <= 0 ? 0 : random.nextLong(span));
    }

    private boolean faultsOn() {
        return now.isBefore(START.plus(FAULTS_END));
    }

    private boolean chance(double probability) {
        return faultsOn() && random.nextDouble() < probability;
    }

    private Duration latency() {
        return Duration.ofMillis(1 + random.nextInt(chance(0.05) ? (int) LONGEST_LATENCY.toMillis() : 20));
    }

    private void crash() {
        if (stopping) {
            return;
        }
        trace("CRASH");
        incarnation++;
        invariants.crashed();
        int next = incarnation;
        health = FunctionHealth.AVAILABLE;
        machine = new QueueMachine(scenario.policy(), new Random(random.nextLong()));
        tickAt = null;
        at(between(Duration.ofMillis(10), Duration.ofSeconds(40)), () -> tell(next, new QueueEvent.Tick()));
    }

    // ---- the runner ----

    private void tell(int toIncarnation, QueueEvent event) {
        if (toIncarnation != incarnation || machine.finished()) {
            return;
        }
        trace(event);
        List<QueueCommand> commands = machine.on(event, now);
        invariants.turn(event, commands, machine.snapshot());
        for (QueueCommand command : commands) {
            trace(command);
            execute(command);
        }
        Instant wakeup = machine.nextWakeup();
        invariants.scheduled(wakeup, machine.finished());
        if (!wakeup.equals(Instant.MAX) && !wakeup.equals(tickAt)) {
            tickAt = wakeup;
            Duration delay = Duration.between(now, wakeup);
            at(delay.isNegative() ? Duration.ZERO : delay, () -> tick(wakeup));
        }
    }

    private void tick(Instant scheduled) {
        if (scheduled.equals(tickAt)) {
            tickAt = null;
            tell(incarnation, new QueueEvent.Tick());
        }
    }

    private void answer(QueueEvent event) {
        int to = incarnation;
        at(latency(), () -> tell(to, event));
    }

    private void execute(QueueCommand command) {
        int from = incarnation;
        switch (command) {
            case QueueCommand.Describe _ -> {
                if (chance(scenario.faults().receiveError())) {
                    answer(new QueueEvent.DescribeFailed(trouble()));
                } else {
                    answer(new QueueEvent.Described(new QueueAttributes(scenario.visibilityTimeout())));
                }
            }
            case QueueCommand.Receive receive -> {
                Instant until = now.plus(receive.waitTime());
                at(latency(), () -> poll(from, receive, until));
            }
            case QueueCommand.Invoke invoke -> at(latency(), () -> invoke(from, invoke));
            case QueueCommand.Delete delete -> at(latency(), () -> delete(from, delete));
            case QueueCommand.ChangeVisibility change -> at(latency(), () -> changeVisibility(from, change));
            case QueueCommand.CancelInvocations _ -> invariants.cancelled();
            case QueueCommand.Report _, QueueCommand.Finish _ -> {}
        }
    }

    private void poll(int from, QueueCommand.Receive receive, Instant until) {
        if (chance(scenario.faults().receiveError())) {
            tell(from, new QueueEvent.ReceiveFailed(receive.call(), trouble()));
        } else if (!queue.hasVisible(now) && now.isBefore(until)) {
            at(Duration.ofMillis(50), () -> poll(from, receive, until));
        } else {
            List<QueueMessage> messages = queue.receive(receive.maximum(), now);
            invariants.received(messages);
            if (chance(scenario.faults().lostAnswer())) {
                tell(from, new QueueEvent.ReceiveFailed(receive.call(), trouble()));
                return;
            }
            int to = from;
            at(latency(), () -> tell(to, new QueueEvent.Received(receive.call(), messages, now)));
        }
    }

    private void invoke(int from, QueueCommand.Invoke invoke) {
        InvocationOutcome outcome = outcome(invoke);
        boolean ran = ran(outcome);
        if (ran) {
            invariants.functionStarted(from, invoke);
        }
        boolean slow = chance(scenario.faults().slowFunction());
        Duration longest = slow ? scenario.functionTimeout() : Duration.ofMillis(200);
        at(ran ? between(Duration.ofMillis(1), longest) : Duration.ofMillis(1), () -> {
            if (ran) {
                invariants.functionEnded(from, invoke, outcome);
            }
            breaker(outcome);
            if (chance(scenario.faults().lostAnswer() / 4)) {
                // The connection broke after the function had run: the daemon sees a function error.
                tell(from, new QueueEvent.Invoked(invoke.batch(), new InvocationOutcome.FunctionError("reset", "")));
            } else {
                tell(from, new QueueEvent.Invoked(invoke.batch(), outcome));
            }
        });
    }

    static boolean ran(InvocationOutcome outcome) {
        return !(outcome instanceof InvocationOutcome.Throttled
                || outcome instanceof InvocationOutcome.Unavailable
                || outcome instanceof InvocationOutcome.TooLarge);
    }

    private InvocationOutcome outcome(QueueCommand.Invoke invoke) {
        Scenario.Faults faults = scenario.faults();
        List<String> ids =
                invoke.messages().stream().map(QueueMessage::messageId).toList();
        List<String> poison = ids.stream().filter(id -> id.startsWith("poison")).toList();
        boolean reports = scenario.mapping().reportBatchItemFailures();
        if (down != null && now.isBefore(down)) {
            return new InvocationOutcome.Unavailable("connection refused", Duration.ZERO);
        } else if (chance(faults.throttle())) {
            return new InvocationOutcome.Throttled("limit", Duration.ofMillis(random.nextInt(3_000)));
        } else if (ids.size() > scenario.functionTakes() || (chance(faults.tooLarge()) && ids.size() > 1)) {
            return new InvocationOutcome.TooLarge("413");
        } else if (chance(faults.functionError())) {
            return new InvocationOutcome.FunctionError("Error", "boom");
        } else if (reports && chance(faults.malformed())) {
            return random.nextBoolean()
                    ? new InvocationOutcome.BatchItemFailures(List.of(ids.getFirst(), "unknown"))
                    : new InvocationOutcome.MalformedAnswer("not JSON");
        } else if (reports && (!poison.isEmpty() || chance(faults.partial()))) {
            return partial(invoke.messages());
        }
        return poison.isEmpty()
                ? new InvocationOutcome.Succeeded(Payload.EMPTY)
                : new InvocationOutcome.FunctionError("Error", "poison");
    }

    /** Fails poison and some others; on a FIFO queue also everything later of the same group, as the contract says. */
    private InvocationOutcome partial(List<QueueMessage> messages) {
        List<String> failed = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        for (QueueMessage message : messages) {
            boolean fails = message.messageId().startsWith("poison")
                    || chance(0.3)
                    || (message.messageGroupId() != null && groups.contains(message.messageGroupId()));
            if (fails) {
                failed.add(message.messageId());
                if (message.messageGroupId() != null) {
                    groups.add(message.messageGroupId());
                }
            }
        }
        return failed.isEmpty()
                ? new InvocationOutcome.Succeeded(Payload.EMPTY)
                : new InvocationOutcome.BatchItemFailures(failed);
    }

    private void breaker(InvocationOutcome outcome) {
        boolean bad = outcome instanceof InvocationOutcome.Unavailable;
        failuresInARow = bad ? failuresInARow + 1 : 0;
        if (bad && (health == FunctionHealth.PROBING || failuresInARow >= 5) && health != FunctionHealth.SUSPENDED) {
            health(FunctionHealth.SUSPENDED);
            at(Duration.ofSeconds(1 + random.nextInt(20)), () -> {
                if (health == FunctionHealth.SUSPENDED) {
                    health(FunctionHealth.PROBING);
                }
            });
        } else if (!bad && health == FunctionHealth.PROBING) {
            health(FunctionHealth.AVAILABLE);
        }
    }

    private void health(FunctionHealth changed) {
        health = changed;
        invariants.health(changed);
        int to = incarnation;
        at(Duration.ZERO, () -> tell(to, new QueueEvent.FunctionHealthChanged(changed)));
    }

    private void delete(int from, QueueCommand.Delete delete) {
        if (chance(scenario.faults().deleteError())) {
            tell(from, new QueueEvent.DeleteFailed(delete.call(), trouble()));
            return;
        }
        List<String> deleted = new ArrayList<>();
        Map<String, EntryFailure> failures = queue.delete(delete.messages(), deleted);
        invariants.deleted(deleted);
        if (chance(scenario.faults().lostAnswer())) {
            answer(new QueueEvent.DeleteFailed(delete.call(), trouble()), from);
        } else {
            answer(new QueueEvent.Deleted(delete.call(), delete.messages().size(), failures), from);
        }
    }

    private void changeVisibility(int from, QueueCommand.ChangeVisibility change) {
        if (chance(scenario.faults().visibilityError())) {
            tell(from, new QueueEvent.VisibilityChangeFailed(change.call(), trouble()));
        } else {
            answer(
                    new QueueEvent.VisibilityChanged(change.call(), queue.changeVisibility(change.changes(), now)),
                    from);
        }
    }

    private void answer(QueueEvent event, int to) {
        at(latency(), () -> tell(to, event));
    }

    private static SourceProblem trouble() {
        return new SourceProblem(SourceProblem.Kind.UNAVAILABLE, "simulated");
    }

    static boolean startsCall(QueueCommand command) {
        return !(command instanceof QueueCommand.Report
                || command instanceof QueueCommand.CancelInvocations
                || command instanceof QueueCommand.Finish);
    }

    static boolean endsCall(QueueEvent event) {
        return !(event instanceof QueueEvent.Tick
                || event instanceof QueueEvent.FunctionHealthChanged
                || event instanceof QueueEvent.StopRequested);
    }

    boolean faultsEver() {
        return !scenario.faults().equals(Scenario.NO_FAULTS)
                || scenario.functionOutage()
                || scenario.crashes() > 0
                || scenario.functionTakes() < Integer.MAX_VALUE;
    }

    int incarnation() {
        return incarnation;
    }

    private void trace(Object what) {
        if (trace.length() < 4_000_000) {
            String text = what.toString();
            trace.append(Duration.between(START, now))
                    .append(' ')
                    .append(text, 0, Math.min(text.length(), 400))
                    .append('\n');
        }
    }

    String trace() {
        return trace.toString();
    }

    AssertionError violation(String what) {
        return new AssertionError(what + " at " + Duration.between(START, now) + "\n" + scenario);
    }

    static long eventBytes(List<QueueMessage> messages) {
        return RecordsEvent.of(messages.stream().map(QueueMessage::json).toList())
                .size();
    }
}
