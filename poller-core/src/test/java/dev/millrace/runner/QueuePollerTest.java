package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.function.AliasRouting;
import dev.millrace.function.BreakerSettings;
import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.queue.QueueCommand;
import dev.millrace.queue.QueueEvent;
import dev.millrace.queue.QueuePolicy;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueuePollerTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    /** A queue in memory: what is offered is received once, what is deleted is counted. */
    private static final class MemoryQueue implements QueueSource {
        final BlockingQueue<QueueMessage> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<String> deleted = new LinkedBlockingQueue<>();
        final AtomicInteger defects = new AtomicInteger();
        final AtomicInteger interrupts = new AtomicInteger();

        @Override
        public QueueAttributes describe() throws InterruptedException {
            if (interrupts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new InterruptedException("nobody asked for it");
            }
            return new QueueAttributes(Duration.ofSeconds(30));
        }

        @Override
        public List<QueueMessage> receive(int maximum, Duration waitTime) throws InterruptedException {
            if (defects.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("defect of the adapter");
            }
            QueueMessage message = messages.poll(waitTime.toMillis(), TimeUnit.MILLISECONDS);
            return message == null ? List.of() : List.of(message);
        }

        @Override
        public Map<String, EntryFailure> delete(List<QueueMessage> done) {
            done.forEach(message -> deleted.add(message.messageId()));
            return Map.of();
        }

        @Override
        public Map<String, EntryFailure> changeVisibility(List<VisibilityChange> changes) {
            return Map.of();
        }

        @Override
        public void close() {}
    }

    /** Holds every invocation until it is let go. */
    private static final class GatedFunction implements Invoker {
        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch mayEnd;
        volatile boolean interrupted;
        volatile @Nullable InvocationRequest request;

        GatedFunction(boolean held) {
            mayEnd = new CountDownLatch(held ? 1 : 0);
        }

        @Override
        public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
            this.request = request;
            started.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                interrupted = true;
                throw e;
            }
            return new InvocationOutcome.Succeeded(Payload.EMPTY);
        }

        @Override
        public void close() {}
    }

    private static final class Silent implements QueueObserver {
        final AtomicInteger crashes = new AtomicInteger();
        final CountDownLatch threeCrashes = new CountDownLatch(3);

        @Override
        public void turn(QueueEvent event, List<QueueCommand> commands) {}

        @Override
        public void invoked(
                QueueCommand.Invoke invoke, String requestId, InvocationOutcome outcome, Duration duration) {}

        @Override
        public void crashed(Throwable defect, Duration restartIn) {
            crashes.incrementAndGet();
            threeCrashes.countDown();
        }
    }

    private final MemoryQueue queue = new MemoryQueue();
    private final Silent observer = new Silent();
    private final MonotonicClock clock = new MonotonicClock();
    private QueuePoller poller = poller(new GatedFunction(false));

    @AfterEach
    void end() {
        poller.kill();
    }

    @Test
    void invokesAndDeletesWhatItReceives() throws Exception {
        poller.start();
        queue.messages.add(message("a"));

        assertThat(queue.deleted.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("a");
        assertThat(poller.alive()).isTrue();
        assertThat(poller.snapshot()).isPresent();
    }

    @Test
    void finishesWhatIsInFlightBeforeItEnds() throws Exception {
        GatedFunction function = new GatedFunction(true);
        poller = poller(function);
        poller.start();
        queue.messages.add(message("a"));
        assertThat(function.started.await(20, TimeUnit.SECONDS)).isTrue();

        poller.stop(clock.instant().plus(SOON));
        assertThat(poller.awaitEnd(Duration.ofMillis(200)))
                .as("an invocation is in flight")
                .isFalse();
        function.mayEnd.countDown();

        assertThat(poller.awaitEnd(SOON)).isTrue();
        assertThat(queue.deleted).containsExactly("a");
    }

    @Test
    void interruptsWhatIsInFlightAtTheDeadlineAndDeletesNothing() throws Exception {
        GatedFunction function = new GatedFunction(true);
        poller = poller(function);
        poller.start();
        queue.messages.add(message("a"));
        assertThat(function.started.await(20, TimeUnit.SECONDS)).isTrue();

        poller.stop(clock.instant().plusMillis(100));

        assertThat(poller.awaitEnd(SOON)).isTrue();
        assertThat(function.interrupted).isTrue();
        assertThat(queue.deleted).isEmpty();
    }

    @Test
    void startsAgainAfterADefect() throws Exception {
        queue.defects.set(1);
        poller.start();
        queue.messages.add(message("a"));

        assertThat(queue.deleted.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("a");
        assertThat(observer.crashes).hasValue(1);
    }

    @Test
    void startsAgainAfterATaskThatNobodyInterruptedSaysItWas() throws Exception {
        queue.interrupts.set(1);
        poller.start();
        queue.messages.add(message("a"));

        assertThat(queue.deleted.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("a");
        assertThat(observer.crashes).hasValue(1);
    }

    @Test
    void stopsAtOnceWhileItWaitsToStartAgain() throws Exception {
        queue.defects.set(Integer.MAX_VALUE);
        poller.start();
        // The pause after the third crash is 2 s at least.
        assertThat(observer.threeCrashes.await(20, TimeUnit.SECONDS)).isTrue();

        poller.stop(clock.instant());

        assertThat(poller.awaitEnd(Duration.ofSeconds(1))).isTrue();
    }

    @Test
    void invokesTheVersionThatTheQualifierMeansWithItsOwnTimeout() throws Exception {
        GatedFunction function = new GatedFunction(false);
        poller = poller(function, "f:prod");
        poller.start();
        queue.messages.add(message("a"));
        assertThat(queue.deleted.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo("a");

        assertThat(function.request).isNotNull().satisfies(request -> {
            assertThat(request.executedVersion()).isEqualTo("1");
            assertThat(request.timeout()).isEqualTo(Duration.ofSeconds(20));
            assertThat(request.functionArn()).isEqualTo("arn:aws-cn:lambda:cn-north-1:123456789012:function:f:prod");
        });
    }

    private QueuePoller poller(Invoker function) {
        return poller(function, "f");
    }

    private QueuePoller poller(Invoker function, String functionName) {
        EventSourceMapping mapping = new EventSourceMapping(
                UUID.nameUUIDFromBytes(new byte[] {1}),
                Arn.parse("arn:aws:sqs:us-east-1:000000000000:q").orElseThrow(),
                FunctionReference.parse(functionName, new AwsSettings("cn-north-1", "123456789012", Map.of()))
                        .orElseThrow(),
                true,
                10,
                Duration.ZERO,
                List.of(),
                false,
                QueueMembers.DEFAULT,
                Set.of(),
                null,
                Map.of(),
                new MappingOptions(
                        new QueueOptions(
                                null, null, false, GrowthPreset.FAST, OptionalInt.empty(), Duration.ofSeconds(1)),
                        StreamOptions.DEFAULT,
                        0));
        FunctionGate gate = new FunctionGate(
                "f",
                new FunctionGate.Limits(OptionalInt.empty(), BreakerSettings.DEFAULT),
                Map.of(
                        FunctionSettings.LATEST,
                        new FunctionGate.Version(function, Duration.ofSeconds(10)),
                        "1",
                        new FunctionGate.Version(function, Duration.ofSeconds(20))),
                Map.of("prod", new AliasRouting("1", Map.of())));
        QueuePolicy policy = QueuePolicy.of(mapping, gate.timeout(null), OptionalInt.empty(), 1 << 20);
        return new QueuePoller(mapping, policy, queue, gate, observer, clock);
    }

    private static QueueMessage message(String id) {
        return new QueueMessage(id, "h-" + id, null, 1, Payload.ofText("{}"), null, true);
    }
}
