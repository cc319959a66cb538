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
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/** Drives one {@link QueueMachine}: makes the calls that its commands name and gives it what became of them. */
final class QueueRunner implements TurnLoop.Turns<QueueEvent> {

    /** What a receive may take beyond its wait time, and any other call at all. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private final EventSourceMapping mapping;
    private final QueueMachine machine;
    private final QueueSource source;
    private final FunctionGate function;
    private final QueueObserver observer;
    private final InstantSource clock;
    private final TurnLoop<QueueEvent> loop;
    private final Map<Long, IoCall<QueueEvent>> invocations = new HashMap<>();

    private volatile QueueSnapshot snapshot;

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
        this.loop = new TurnLoop<>("queue/" + mapping.uuid(), this, clock);
        this.snapshot = machine.snapshot();
    }

    /** Runs until the machine has finished; throws what killed it, after all calls have ended. */
    void run() throws InterruptedException {
        // The health is read when the event's turn has come, so that the newest state wins.
        Runnable listener = () -> loop.post(() -> new QueueEvent.FunctionHealthChanged(function.health()));
        function.onHealthChange(listener);
        try {
            listener.run();
            loop.run();
        } finally {
            function.removeListener(listener);
        }
    }

    void stop(Instant deadline) {
        loop.post(() -> new QueueEvent.StopRequested(deadline));
    }

    /** When the last turn was taken; {@link Instant#MAX} before the first. */
    Instant lastTurn() {
        return loop.lastTurn();
    }

    /** The machine after its last turn. */
    QueueSnapshot snapshot() {
        return snapshot;
    }

    // ---- turns ----

    @Override
    public void turn(QueueEvent event, Instant now) {
        if (event instanceof QueueEvent.Invoked(var batch, var _)) {
            invocations.remove(batch);
        }
        List<QueueCommand> commands = machine.on(event, now);
        observer.turn(event, commands);
        for (QueueCommand command : commands) {
            execute(command, now);
        }
    }

    @Override
    public Instant rest() {
        snapshot = machine.snapshot();
        return machine.nextWakeup();
    }

    @Override
    public QueueEvent tick() {
        return new QueueEvent.Tick();
    }

    @Override
    public boolean finished() {
        return machine.finished();
    }

    private void execute(QueueCommand command, Instant now) {
        switch (command) {
            case QueueCommand.Describe _ ->
                call(
                        () -> new QueueEvent.Described(source.describe()),
                        QueueEvent.DescribeFailed::new,
                        now,
                        ANSWER_WITHIN);
            case QueueCommand.Receive(var number, var maximum, var waitTime) ->
                call(
                        () -> {
                            List<QueueMessage> messages = source.receive(maximum, waitTime);
                            return new QueueEvent.Received(number, messages, clock.instant());
                        },
                        problem -> new QueueEvent.ReceiveFailed(number, problem),
                        now,
                        waitTime.plus(ANSWER_WITHIN));
            case QueueCommand.Invoke invoke -> {
                IoCall<QueueEvent> call = IoCall.unlimited(() -> invoke(invoke), now);
                invocations.put(invoke.batch(), call);
                loop.start(call);
            }
            case QueueCommand.Delete(var number, var messages) ->
                call(
                        () -> new QueueEvent.Deleted(number, messages.size(), source.delete(messages)),
                        problem -> new QueueEvent.DeleteFailed(number, problem),
                        now,
                        ANSWER_WITHIN);
            case QueueCommand.ChangeVisibility(var number, var changes) ->
                call(
                        () -> new QueueEvent.VisibilityChanged(number, source.changeVisibility(changes)),
                        problem -> new QueueEvent.VisibilityChangeFailed(number, problem),
                        now,
                        ANSWER_WITHIN);
            case QueueCommand.CancelInvocations _ -> invocations.values().forEach(IoCall::cancel);
            case QueueCommand.Report _, QueueCommand.Finish _ -> {}
        }
    }

    private void call(
            IoCall.Body<QueueEvent> body, Function<SourceProblem, QueueEvent> failed, Instant now, Duration limit) {
        loop.start(IoCall.limited(body, failed, mapping.eventSourceArn().toString(), now, limit));
    }

    // ---- invocations ----

    private QueueEvent invoke(QueueCommand.Invoke invoke) throws InterruptedException {
        InvocationRequest request = request(invoke);
        long start = System.nanoTime();
        InvocationOutcome outcome = function.invoke(request);
        if (mapping.reportBatchItemFailures()) {
            outcome = AnswerReader.read(outcome);
        }
        observer.invoked(invoke, request.requestId(), outcome, Duration.ofNanos(System.nanoTime() - start));
        return new QueueEvent.Invoked(invoke.batch(), outcome);
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
}
