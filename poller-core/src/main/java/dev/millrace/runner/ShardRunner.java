package dev.millrace.runner;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.batch.WindowCall;
import dev.millrace.batch.WindowEvent;
import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.Discard;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.failure.InvocationRecords;
import dev.millrace.invoke.AnswerReader;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardMachine;
import dev.millrace.stream.ShardSnapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/** Drives one {@link ShardMachine}: makes the calls that its commands name and gives it what became of them. */
final class ShardRunner implements TurnLoop.Turns<ShardEvent> {

    /** What storing or delivering may take. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final StreamParts parts;
    private final EventSourceMapping mapping;
    private final String streamArn;
    private final ShardLease lease;
    private final ShardMachine machine;
    private final ShardReader reader;
    private final ReadPacing pacing;
    private final TurnLoop<ShardEvent> loop;
    /** Invocations and deliveries in flight, by number. */
    private final Map<Long, IoCall<ShardEvent>> cancellable = new HashMap<>();

    private volatile ShardSnapshot snapshot;

    /** The reader is closed with the run. */
    ShardRunner(StreamParts parts, ShardLease lease, ShardMachine machine, ShardReader reader) {
        this.parts = parts;
        this.mapping = parts.mapping();
        this.streamArn = parts.source().arn();
        this.lease = lease;
        this.machine = machine;
        this.reader = reader;
        this.pacing = parts.source().pacing();
        this.loop = new TurnLoop<>("shard/" + mapping.uuid() + "/" + lease.shardId(), this, parts.clock());
        this.snapshot = machine.snapshot();
    }

    /** Runs until the machine has finished and answers why; throws what killed it, after all calls have ended. */
    ShardCommand.End run() throws InterruptedException {
        // The health is read when the event's turn has come, so that the newest state wins.
        Runnable listener = () ->
                post(() -> new ShardEvent.FunctionHealthChanged(parts.function().health()));
        parts.function().onHealthChange(listener);
        try (reader) {
            listener.run();
            loop.run();
        } finally {
            parts.function().removeListener(listener);
        }
        return Objects.requireNonNull(machine.end(), "the machine has finished");
    }

    /** An event from outside, made when its turn has come. */
    void post(Supplier<ShardEvent> event) {
        loop.post(event);
    }

    /** Makes the snapshot anew within one of the next turns, and says so. */
    void refresh(Runnable done) {
        loop.post(() -> {
            snapshot = machine.snapshot();
            done.run();
            return new ShardEvent.Tick();
        });
    }

    /** The machine as it was when {@link #refresh} was last asked for. */
    ShardSnapshot snapshot() {
        return snapshot;
    }

    /** When the last turn was taken; {@link Instant#MAX} before the first. */
    Instant lastTurn() {
        return loop.lastTurn();
    }

    // ---- turns ----

    @Override
    public void turn(ShardEvent event, Instant now) {
        switch (event) {
            case ShardEvent.Invoked invoked -> cancellable.remove(invoked.batch());
            case ShardEvent.Delivered(var discard) -> cancellable.remove(discard);
            case ShardEvent.DeliveryFailed failed -> cancellable.remove(failed.discard());
            case ShardEvent.Tick _,
                    ShardEvent.Read _,
                    ShardEvent.ReadFailed _,
                    ShardEvent.Saved _,
                    ShardEvent.SaveFailed _,
                    ShardEvent.FunctionHealthChanged _,
                    ShardEvent.ConditionsChanged _,
                    ShardEvent.ShardGone _,
                    ShardEvent.LeaseLost _,
                    ShardEvent.StopRequested _ -> {}
        }
        List<ShardCommand> commands = machine.on(event, now);
        parts.observer().turn(lease.shardId(), event, commands);
        for (ShardCommand command : commands) {
            execute(command, now);
        }
    }

    @Override
    public Instant rest() {
        return machine.nextWakeup();
    }

    @Override
    public ShardEvent tick() {
        return new ShardEvent.Tick();
    }

    @Override
    public boolean finished() {
        return machine.finished();
    }

    private void execute(ShardCommand command, Instant now) {
        switch (command) {
            case ShardCommand.Read(var number, var from, var maximum) ->
                loop.start(IoCall.limited(
                        () -> new ShardEvent.Read(number, reader.read(from, maximum)),
                        problem -> new ShardEvent.ReadFailed(number, problem),
                        mapping.eventSourceArn().toString(),
                        now,
                        pacing.longest()));
            case ShardCommand.Invoke invoke ->
                startCancellable(invoke.batch(), IoCall.unlimited(() -> invoke(invoke), now));
            case ShardCommand.Deliver(var number, var discard) ->
                startCancellable(number, delivery(number, discard, now));
            case ShardCommand.Save(var number, var progress) -> save(number, () -> lease.save(progress), now);
            case ShardCommand.SaveEnd(var number, var progress, var children) ->
                save(number, () -> lease.finished(progress, children), now);
            case ShardCommand.CancelInvocations _ -> cancellable.values().forEach(IoCall::cancel);
            case ShardCommand.Report _, ShardCommand.Finish _ -> {}
        }
    }

    private void startCancellable(long number, IoCall<ShardEvent> call) {
        cancellable.put(number, call);
        loop.start(call);
    }

    // ---- invocations ----

    private ShardEvent invoke(ShardCommand.Invoke invoke) throws InterruptedException {
        InvocationRequest request = request(invoke);
        // As late as can be: a process that is frozen after this invokes once when it goes on.
        lease.awaitCertainty();
        long start = System.nanoTime();
        InvocationOutcome outcome = parts.function().invoke(request);
        Payload state = null;
        if (invoke.window() != null) {
            var answer = AnswerReader.readWindow(
                    outcome, mapping.reportBatchItemFailures(), invoke.window().isFinal());
            outcome = answer.outcome();
            state = answer.state();
        } else if (mapping.reportBatchItemFailures()) {
            outcome = AnswerReader.read(outcome);
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        parts.observer().invoked(lease.shardId(), invoke, request.requestId(), outcome, duration);
        return new ShardEvent.Invoked(invoke.batch(), outcome, request.requestId(), request.executedVersion(), state);
    }

    private InvocationRequest request(ShardCommand.Invoke invoke) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String version = parts.function().version(mapping.function().qualifier(), random);
        return new InvocationRequest(
                RequestIds.requestId(random),
                mapping.function().qualifiedArn(),
                version,
                event(invoke),
                RequestIds.traceHeader(parts.clock().instant(), random),
                parts.function().timeout(version));
    }

    private Payload event(ShardCommand.Invoke invoke) {
        List<Payload> records =
                invoke.records().stream().map(StreamRecord::json).toList();
        WindowCall window = invoke.window();
        return window == null ? RecordsEvent.of(records) : WindowEvent.of(records, window, lease.shardId(), streamArn);
    }

    // ---- discards ----

    private IoCall<ShardEvent> delivery(long number, Discard discard, Instant now) {
        Destination destination =
                Objects.requireNonNull(parts.destination(), "discards are delivered only where there is a destination");
        Function<SourceProblem, ShardEvent> failed =
                problem -> new ShardEvent.DeliveryFailed(number, false, problem.message());
        return IoCall.limited(
                () -> {
                    try {
                        destination.deliver(record(discard));
                        return new ShardEvent.Delivered(number);
                    } catch (DestinationException e) {
                        return new ShardEvent.DeliveryFailed(number, e.permanent(), String.valueOf(e.getMessage()));
                    } catch (RuntimeException e) {
                        // A defect of a plug-in must not stop the shard.
                        return new ShardEvent.DeliveryFailed(number, false, "the destination's plug-in failed: " + e);
                    }
                },
                failed,
                "the on-failure destination",
                now,
                ANSWER_WITHIN);
    }

    private InvocationRecord record(Discard discard) {
        // The same at each attempt, so that a destination can tell that it has the record already.
        String name = mapping.uuid() + "/" + discard.shardId() + "/"
                + discard.records().getFirst().sequenceNumber() + "/" + discard.at();
        return new InvocationRecords(mapping, streamArn)
                .of(discard, UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }

    // ---- progress ----

    /** Stores something; blocks until it is there. */
    @FunctionalInterface
    private interface Storing {
        void run() throws StoreException, LeaseLostException, InterruptedException;
    }

    private void save(long number, Storing storing, Instant now) {
        loop.start(IoCall.limited(
                () -> {
                    try {
                        storing.run();
                        return new ShardEvent.Saved(number);
                    } catch (StoreException e) {
                        return new ShardEvent.SaveFailed(number, String.valueOf(e.getMessage()));
                    } catch (LeaseLostException e) {
                        return new ShardEvent.LeaseLost();
                    }
                },
                problem -> new ShardEvent.SaveFailed(number, problem.message()),
                "the store",
                now,
                ANSWER_WITHIN));
    }
}
