package dev.millrace.runner;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.AnswerReader;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.queue.QueueMachine;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Drives one {@link QueueMachine}: takes one event at a time from its mailbox, gives it to the machine, and starts the I/O
 * that the machine's commands name. Each call of I/O runs in a virtual thread of its own, which knows nothing but how to
 * post one event back. The machine is confined to the thread that calls {@link #run()}.
 */
final class QueueRunner {

    /** The loop turns at least this often, so that its last turn tells whether it is alive. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    /** How long tasks may take to end after they were interrupted, before they are left behind. */
    private static final Duration TASKS_END = Duration.ofSeconds(2);
    /** How long a question waits for its answer. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private sealed interface Mail {
        record Event(QueueEvent event) implements Mail {}

        /** The function's health may have changed: it is read when the mail is opened, so the newest state wins. */
        record HealthChanged() implements Mail {}

        record Question(ArrayBlockingQueue<QueueSnapshot> answer) implements Mail {}

        /** A task died of a defect; the runner dies with it. */
        record Defect(Throwable cause) implements Mail {}

        /** A task was interrupted, so its event never comes. */
        record Interrupted(InterruptedException cause) implements Mail {}
    }

    private final EventSourceMapping mapping;
    private final QueueMachine machine;
    private final QueueSource source;
    private final FunctionGate function;
    private final QueueObserver observer;
    private final InstantSource clock;

    private final LinkedBlockingQueue<Mail> mailbox = new LinkedBlockingQueue<>();
    private final Map<Long, Thread> invocations = new HashMap<>();
    /** Tasks in flight; written by the tasks themselves when they end. */
    private final Set<Thread> tasks = ConcurrentHashMap.newKeySet();

    private boolean cancelled;
    private volatile Instant lastTurn = Instant.MAX;

    QueueRunner(
            EventSourceMapping mapping,
            QueueMachine machine,
            QueueSource source,
            FunctionGate function,
            QueueObserver observer,
            InstantSource clock) {
        this.mapping = mapping;
        this.machine = machine;
        this.source = source;
        this.function = function;
        this.observer = observer;
        this.clock = clock;
    }

    /** Runs until the machine has finished. Throws what killed the machine, after all tasks have ended. */
    void run() throws InterruptedException {
        Runnable listener = () -> mailbox.add(new Mail.HealthChanged());
        function.onHealthChange(listener);
        try {
            turn(new QueueEvent.FunctionHealthChanged(function.health()));
            while (!machine.finished()) {
                open(mailbox.poll(waitNanos(), TimeUnit.NANOSECONDS));
            }
        } finally {
            function.removeListener(listener);
            endTasks();
        }
    }

    private long waitNanos() {
        Instant now = clock.instant();
        Instant latest = now.plus(LONGEST_WAIT);
        Instant wakeup = machine.nextWakeup();
        return Math.max(
                0,
                Duration.between(now, wakeup.isBefore(latest) ? wakeup : latest).toNanos());
    }

    private void open(@Nullable Mail mail) {
        switch (mail) {
            case null -> turn(new QueueEvent.Tick());
            case Mail.Event(var event) -> turn(event);
            case Mail.HealthChanged _ -> turn(new QueueEvent.FunctionHealthChanged(function.health()));
            case Mail.Question(var answer) -> answer.offer(machine.snapshot());
            case Mail.Defect(var cause) -> throw new IllegalStateException("a task died: " + cause, cause);
            case Mail.Interrupted(var cause) -> {
                // Only a cancelled invocation is not missed; anything else would be waited for without end.
                if (!cancelled) {
                    throw new IllegalStateException("a task was interrupted by somebody else: " + cause, cause);
                }
            }
        }
    }

    private void turn(QueueEvent event) {
        if (event instanceof QueueEvent.Invoked(var batch, var _)) {
            invocations.remove(batch);
        }
        Instant now = clock.instant();
        List<QueueCommand> commands = machine.on(event, now);
        observer.turn(event, commands);
        for (QueueCommand command : commands) {
            execute(command);
        }
        lastTurn = now;
    }

    private void execute(QueueCommand command) {
        switch (command) {
            case QueueCommand.Describe _ ->
                start(
                        "describe",
                        () -> call(() -> new QueueEvent.Described(source.describe()), QueueEvent.DescribeFailed::new));
            case QueueCommand.Receive receive -> start("receive", () -> receive(receive));
            case QueueCommand.Invoke invoke -> invocations.put(invoke.batch(), start("invoke", () -> invoke(invoke)));
            case QueueCommand.Delete(var number, var messages) ->
                start(
                        "delete",
                        () -> call(
                                () -> new QueueEvent.Deleted(number, source.delete(messages)),
                                problem -> new QueueEvent.DeleteFailed(number, problem)));
            case QueueCommand.ChangeVisibility(var number, var changes) ->
                start(
                        "visibility",
                        () -> call(
                                () -> new QueueEvent.VisibilityChanged(number, source.changeVisibility(changes)),
                                problem -> new QueueEvent.VisibilityChangeFailed(number, problem)));
            case QueueCommand.CancelInvocations _ -> {
                cancelled = true;
                invocations.values().forEach(Thread::interrupt);
            }
            case QueueCommand.Report _, QueueCommand.Finish _ -> {}
        }
    }

    // ---- tasks: each runs in a virtual thread of its own ----

    @FunctionalInterface
    private interface Task {
        void run() throws InterruptedException;
    }

    @FunctionalInterface
    private interface Call {
        QueueEvent make() throws SourceException, InterruptedException;
    }

    private Thread start(String role, Task task) {
        Thread thread = Thread.ofVirtual().name(role + "/" + mapping.uuid()).unstarted(() -> {
            try {
                task.run();
            } catch (InterruptedException e) {
                mailbox.add(new Mail.Interrupted(e));
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                mailbox.add(new Mail.Defect(e));
            } finally {
                tasks.remove(Thread.currentThread());
            }
        });
        tasks.add(thread);
        thread.start();
        return thread;
    }

    private void post(QueueEvent event) {
        mailbox.add(new Mail.Event(event));
    }

    private void call(Call call, Function<SourceProblem, QueueEvent> failed) throws InterruptedException {
        QueueEvent event;
        try {
            event = call.make();
        } catch (SourceException e) {
            event = failed.apply(e.problem());
        }
        post(event);
    }

    private void receive(QueueCommand.Receive receive) throws InterruptedException {
        call(
                () -> {
                    List<QueueMessage> messages = source.receive(receive.maximum(), receive.waitTime());
                    return new QueueEvent.Received(receive.call(), messages, clock.instant());
                },
                problem -> new QueueEvent.ReceiveFailed(receive.call(), problem));
    }

    private void invoke(QueueCommand.Invoke invoke) throws InterruptedException {
        InvocationRequest request = request(invoke);
        long start = System.nanoTime();
        InvocationOutcome outcome = function.invoke(request);
        if (mapping.reportBatchItemFailures()) {
            outcome = AnswerReader.read(outcome);
        }
        observer.invoked(invoke, request.requestId(), outcome, Duration.ofNanos(System.nanoTime() - start));
        post(new QueueEvent.Invoked(invoke.batch(), outcome));
    }

    private InvocationRequest request(QueueCommand.Invoke invoke) {
        String trace = invoke.messages().stream()
                .map(QueueMessage::traceHeader)
                .filter(header -> header != null)
                .findFirst()
                .orElse(null);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String version = function.version(mapping.function().qualifier(), random);
        return new InvocationRequest(
                RequestIds.requestId(random),
                mapping.function().qualifiedArn(),
                version,
                RecordsEvent.of(
                        invoke.messages().stream().map(QueueMessage::json).toList()),
                trace != null ? trace : RequestIds.traceHeader(clock.instant(), random),
                function.timeout(version));
    }

    private void endTasks() throws InterruptedException {
        tasks.forEach(Thread::interrupt);
        Instant until = clock.instant().plus(TASKS_END);
        for (Thread task : tasks) {
            Duration left = Duration.between(clock.instant(), until);
            task.join(left.isPositive() ? left : Duration.ofMillis(1));
        }
    }

    // ---- asked and told from other threads ----

    void stop(Instant deadline) {
        post(new QueueEvent.StopRequested(deadline));
    }

    /** When the loop turned last; {@link Instant#MAX} before its first turn. */
    Instant lastTurn() {
        return lastTurn;
    }

    /** The machine's state, or null when the runner does not answer. */
    @Nullable
    QueueSnapshot snapshot() throws InterruptedException {
        ArrayBlockingQueue<QueueSnapshot> answer = new ArrayBlockingQueue<>(1);
        mailbox.add(new Mail.Question(answer));
        return answer.poll(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    }
}
