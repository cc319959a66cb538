package dev.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import dev.millrace.source.QueueSource.VisibilityChange;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link QueueSource} promises. An adapter's test extends this and says how to make and fill a queue. */
public abstract class QueueSourceContract {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A queue that exists, and the source under test. */
    public interface TestQueue {

        QueueSource source();

        /** Sends one message that no other will be taken for, and answers its id. */
        String send(Outgoing message);
    }

    /**
     * A message to send.
     *
     * @param group message group; null on standard queues
     * @param traceHeader {@code AWSTraceHeader}, or null
     */
    public record Outgoing(
            String body, @Nullable String group, @Nullable String traceHeader) {

        public static Outgoing of(String body) {
            return new Outgoing(body, null, null);
        }
    }

    /** Makes an empty queue of a name of its own and opens it. */
    protected abstract TestQueue queue(boolean fifo, Duration visibilityTimeout, List<String> filterPatterns);

    /** Opens a queue that does not exist on a server that does. */
    protected abstract QueueSource missing();

    /** Opens a queue at a place where nothing listens. */
    protected abstract QueueSource unreachable();

    private TestQueue queue() {
        return queue(false, Duration.ofSeconds(30), List.of());
    }

    @Test
    void tellsTheVisibilityTimeout() throws Exception {
        TestQueue queue = queue(false, Duration.ofSeconds(77), List.of());

        assertThat(queue.source().describe().visibilityTimeout()).isEqualTo(Duration.ofSeconds(77));
    }

    @Test
    void receivesWithoutBeingDescribedFirst() throws Exception {
        TestQueue queue = queue();
        String id = queue.send(Outgoing.of("hello"));

        QueueMessage message = receiveOne(queue.source());

        assertThat(message.messageId()).isEqualTo(id);
        assertThat(message.receiptHandle()).isNotEmpty();
        assertThat(message.receiveCount()).isEqualTo(1);
        assertThat(message.messageGroupId()).isNull();
        assertThat(message.traceHeader()).isNull();
        assertThat(message.matched()).isTrue();
    }

    @Test
    void serialisesTheRecordOfTheEvent() throws Exception {
        TestQueue queue = queue();
        String id = queue.send(Outgoing.of("he said \"hi\"\n😀"));

        QueueMessage message = receiveOne(queue.source());

        JsonNode json = json(message);
        assertThat(json.path("messageId").asText()).isEqualTo(id);
        assertThat(json.path("receiptHandle").asText()).isEqualTo(message.receiptHandle());
        assertThat(json.path("body").asText()).isEqualTo("he said \"hi\"\n😀");
        assertThat(json.path("attributes").path("ApproximateReceiveCount").textValue())
                .isEqualTo("1");
    }

    @Test
    void passesTheTraceHeaderOn() throws Exception {
        TestQueue queue = queue();
        String header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        queue.send(new Outgoing("traced", null, header));

        assertThat(receiveOne(queue.source()).traceHeader()).isEqualTo(header);
    }

    @Test
    void receivesNoMoreThanTheMaximum() throws Exception {
        TestQueue queue = queue();
        IntStream.range(0, 12).forEach(i -> queue.send(Outgoing.of("m" + i)));

        assertThat(queue.source().receive(3, LONG)).hasSize(3);
        assertThat(queue.source().receive(10, LONG)).hasSizeBetween(1, 9);
    }

    @Test
    void answersEmptyWhenNothingArrivesWithinTheWait() throws Exception {
        TestQueue queue = queue();
        Instant start = Instant.now();

        assertThat(queue.source().receive(10, Duration.ofSeconds(1))).isEmpty();

        assertThat(Duration.between(start, Instant.now())).isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
    }

    @Test
    void endsALongPollWhenAMessageArrives() throws Exception {
        TestQueue queue = queue();
        queue.source().describe();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Instant start = Instant.now();
            Future<List<QueueMessage>> poll =
                    threads.submit(() -> queue.source().receive(10, LONG));
            queue.send(Outgoing.of("late"));

            assertThat(poll.get(15, TimeUnit.SECONDS)).hasSize(1);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(15));
        }
    }

    @Test
    void deletedMessagesDoNotComeBack() throws Exception {
        TestQueue queue = queue(false, Duration.ofSeconds(3), List.of());
        IntStream.range(0, 10).forEach(i -> queue.send(Outgoing.of("m" + i)));
        List<QueueMessage> messages = receive(queue.source(), 10);

        assertThat(queue.source().delete(messages)).isEmpty();

        assertThat(queue.source().receive(10, Duration.ofSeconds(5))).isEmpty();
    }

    @Test
    void releasedMessagesComeBackAtOnceWithAHigherReceiveCount() throws Exception {
        TestQueue queue = queue();
        String id = queue.send(Outgoing.of("again"));
        QueueMessage first = receiveOne(queue.source());

        assertThat(queue.source().changeVisibility(List.of(new VisibilityChange(first, Duration.ZERO))))
                .isEmpty();

        QueueMessage second = receiveOne(queue.source());
        assertThat(second.messageId()).isEqualTo(id);
        assertThat(second.receiveCount()).isEqualTo(2);
    }

    @Test
    void extendedMessagesStayAway() throws Exception {
        TestQueue queue = queue(false, Duration.ofSeconds(3), List.of());
        queue.send(Outgoing.of("mine"));
        QueueMessage message = receiveOne(queue.source());

        queue.source().changeVisibility(List.of(new VisibilityChange(message, Duration.ofMinutes(1))));

        assertThat(queue.source().receive(10, Duration.ofSeconds(5))).isEmpty();
    }

    @Test
    void emptyBatchesNeedNoCall() throws Exception {
        assertThat(unreachable().delete(List.of())).isEmpty();
        assertThat(unreachable().changeVisibility(List.of())).isEmpty();
    }

    @Test
    void marksWhatTheFiltersRefuse() throws Exception {
        TestQueue queue = queue(false, Duration.ofSeconds(30), List.of("{\"body\":{\"kind\":[\"order\"]}}"));
        String order = queue.send(Outgoing.of("{\"kind\":\"order\"}"));
        queue.send(Outgoing.of("{\"kind\":\"invoice\"}"));
        queue.send(Outgoing.of("text"));

        List<QueueMessage> messages = receive(queue.source(), 3);

        assertThat(messages)
                .filteredOn(QueueMessage::matched)
                .singleElement()
                .satisfies(message -> assertThat(message.messageId()).isEqualTo(order));
    }

    @Test
    void fifoQueuesKeepTheOrderOfAGroupAndNameIt() throws Exception {
        TestQueue queue = queue(true, Duration.ofSeconds(30), List.of());
        List<String> sent = IntStream.range(0, 5)
                .mapToObj(i -> queue.send(new Outgoing("m" + i, "g", null)))
                .toList();

        List<QueueMessage> messages = receive(queue.source(), 5);

        assertThat(messages).extracting(QueueMessage::messageId).isEqualTo(sent);
        assertThat(messages).extracting(QueueMessage::messageGroupId).containsOnly("g");
    }

    @Test
    void fifoQueuesHoldAGroupBackWhileItIsInFlight() throws Exception {
        TestQueue queue = queue(true, Duration.ofSeconds(30), List.of());
        queue.send(new Outgoing("a1", "a", null));
        queue.send(new Outgoing("a2", "a", null));
        queue.send(new Outgoing("b1", "b", null));

        QueueMessage first = queue.source().receive(1, LONG).getFirst();
        QueueMessage second = queue.source().receive(1, LONG).getFirst();

        assertThat(List.of(first, second))
                .extracting(QueueMessage::messageGroupId)
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void manyThreadsShareOneSource() throws Exception {
        TestQueue queue = queue();
        int count = 200;
        IntStream.range(0, count).forEach(i -> queue.send(Outgoing.of("m" + i)));
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> pollers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                pollers.add(threads.submit(() -> drain(queue.source(), seen)));
            }
            for (Future<?> poller : pollers) {
                poller.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(seen).hasSize(count);
    }

    private static Void drain(QueueSource source, Set<String> seen) throws SourceException, InterruptedException {
        for (List<QueueMessage> messages = source.receive(10, Duration.ofSeconds(1));
                !messages.isEmpty();
                messages = source.receive(10, Duration.ofSeconds(1))) {
            assertThat(source.delete(messages)).isEmpty();
            messages.forEach(message -> seen.add(message.messageId()));
        }
        return null;
    }

    @Test
    void anInterruptEndsALongPoll() throws Exception {
        TestQueue queue = queue();
        queue.source().describe();
        BlockingQueue<Object> outcome = new ArrayBlockingQueue<>(1);
        Thread poll = Thread.ofVirtual().start(() -> {
            try {
                // Shorter than the longest, since a server may wait for an abandoned poll before it stops.
                outcome.add(queue.source().receive(10, Duration.ofSeconds(5)));
            } catch (SourceException | InterruptedException e) {
                outcome.add(e);
            }
        });
        // Usually at the socket by then; an interrupt counts wherever it finds the call.
        while (poll.getState() != Thread.State.WAITING && poll.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        poll.interrupt();

        assertThat(outcome.poll(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anInterruptBeforeTheCallCountsToo() {
        TestQueue queue = queue();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> queue.source().receive(10, LONG)).isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).as("interrupt used up").isFalse();
    }

    @Test
    void aMissingQueueIsNotFound() {
        assertThatProblem(() -> missing().describe(), Kind.NOT_FOUND);
        assertThatProblem(() -> missing().receive(1, Duration.ZERO), Kind.NOT_FOUND);
    }

    @Test
    void aRefusedConnectionIsUnavailable() {
        assertThatProblem(() -> unreachable().describe(), Kind.UNAVAILABLE);
        assertThatProblem(() -> unreachable().receive(1, Duration.ZERO), Kind.UNAVAILABLE);
    }

    /** A call to a source that fails. */
    @FunctionalInterface
    protected interface Call {
        void run() throws SourceException, InterruptedException;
    }

    /** Asserts that the call fails with this kind of problem, and that the message says more than the kind. */
    protected static void assertThatProblem(Call call, Kind kind) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(SourceException.class, e -> {
            assertThat(e.problem().kind()).isEqualTo(kind);
            assertThat(e.problem().message()).hasSizeGreaterThan(20);
        });
    }

    /** The record as a tree. */
    protected static JsonNode json(QueueMessage message) throws IOException {
        return JSON.readTree(message.json().bytes());
    }

    /** Receives one message within the longest poll. */
    protected static QueueMessage receiveOne(QueueSource source) throws SourceException, InterruptedException {
        return receive(source, 1).getFirst();
    }

    /** Receives that many messages, in as many polls as it takes. */
    protected static List<QueueMessage> receive(QueueSource source, int count)
            throws SourceException, InterruptedException {
        List<QueueMessage> messages = new ArrayList<>(source.receive(Math.min(count, 10), LONG));
        while (messages.size() < count) {
            List<QueueMessage> more = source.receive(Math.min(count - messages.size(), 10), LONG);
            assertThat(more)
                    .as("messages within %s, after %s of %s", LONG, messages.size(), count)
                    .isNotEmpty();
            messages.addAll(more);
        }
        assertThat(messages).hasSize(count);
        return messages;
    }
}
