package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.ids;
import static dev.millrace.queue.Messages.message;
import static dev.millrace.queue.Messages.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.source.QueueMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Rows of docs/aws-parity.md that show only when a mapping's members, its policy and the machine come together. */
class QueueParityTest {

    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final Duration VISIBILITY = Duration.ofSeconds(30);
    private static final OptionalInt NONE = OptionalInt.empty();
    private static final QueueOptions AWS =
            new QueueOptions(null, null, false, GrowthPreset.AWS, NONE, Duration.ofSeconds(20));

    /** A quarter of a mebibyte: SQS's largest message for most of its life. */
    private static final int LARGE = 256 << 10;

    // ---- polling (spec 3.4) ----

    @Test
    void keepsOneLongPollOpenWhileIdleAndTwoWithThePresetAws() {
        assertThat(pollsWhileIdle(QueueOptions.DEFAULT)).isEqualTo(1);
        assertThat(pollsWhileIdle(AWS)).isEqualTo(2);
    }

    private static int pollsWhileIdle(QueueOptions options) {
        MachineDriver queue = driver(10, Duration.ZERO, QueueMembers.DEFAULT, options);
        queue.run(VISIBILITY);
        idle(queue, 2);
        return queue.machine.snapshot().receives();
    }

    @Test
    void shrinksToTwoSlotsWhileIdleButNotBelowFiveWithMaximumConcurrency() {
        MachineDriver free = driver(10, Duration.ZERO, QueueMembers.DEFAULT, AWS);
        free.run(VISIBILITY);
        assertThat(free.machine.snapshot().concurrencyLimit()).isEqualTo(5);
        idle(free, 10);
        assertThat(free.machine.snapshot().concurrencyLimit()).isEqualTo(2);

        MachineDriver bounded = driver(10, Duration.ZERO, new QueueMembers(OptionalInt.of(40), NONE, NONE), AWS);
        bounded.run(VISIBILITY);
        idle(bounded, 10);
        assertThat(bounded.machine.snapshot().concurrencyLimit()).isEqualTo(5);
    }

    /** Lets this many minutes pass in which every long poll comes back empty after its 20 s. */
    private static void idle(MachineDriver queue, int minutes) {
        List<QueueCommand.Receive> open = queue.all(QueueCommand.Receive.class);
        for (int poll = 0; poll < 3 * minutes; poll++) {
            queue.now = queue.now.plusSeconds(20);
            List<QueueCommand.Receive> ended = open;
            open = ended.stream()
                    .flatMap(receive -> {
                        queue.deliver(receive);
                        return queue.all(QueueCommand.Receive.class).stream();
                    })
                    .toList();
        }
    }

    @Test
    void aMessageDeliveredAgainWhileItIsInProcessIsNotInvokedASecondTime() {
        MachineDriver queue = new MachineDriver(10, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.run(VISIBILITY);
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"));
        QueueCommand.Invoke first = queue.the(QueueCommand.Invoke.class);
        queue.now = START.plus(VISIBILITY);
        queue.deliver(polls.get(1), Messages.withHandle("a", "newer"));
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();

        queue.ended(first, SUCCESS);
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        assertThat(ids(queue.the(QueueCommand.Delete.class).messages())).containsExactly("a");
    }

    // ---- provisioned mode (spec 3.6) ----

    @Test
    void aProvisionedPollerIsNotHeldToAMegabyteOrTenPollsASecond() {
        QueueMembers twoPollers = new QueueMembers(NONE, OptionalInt.of(2), OptionalInt.of(2));
        MachineDriver queue = driver(10, Duration.ZERO, twoPollers, QueueOptions.DEFAULT);
        queue.run(VISIBILITY);
        assertThat(queue.machine.snapshot().receives()).isEqualTo(2);

        QueueCommand.Receive poll = queue.the(QueueCommand.Receive.class);
        long bytes = 0;
        for (int i = 0; i < 25; i++) {
            queue.deliver(poll, large("m" + i));
            bytes += LARGE;
            poll = queue.the(QueueCommand.Receive.class);
            queue.ended(queue.the(QueueCommand.Invoke.class), SUCCESS);
        }
        assertThat(bytes).as("bytes at one moment, of 2 MB a second at AWS").isGreaterThan(6_000_000);
        assertThat(queue.now)
                .as("25 polls at one moment, of 20 a second at AWS")
                .isEqualTo(START);
    }

    private static QueueMessage large(String id) {
        return new QueueMessage(id, "h-" + id, null, 1, Payload.of(new byte[LARGE]), null, true);
    }

    // ---- batches (spec 2, 3.5, 4.8) ----

    /** Recorded from AWS: 30 messages, BatchSize 20, two batches (spec 2.3). */
    @Test
    void thirtyMessagesMakeABatchOfTwentyAndOneOfTen() {
        MachineDriver queue = new MachineDriver(20, Duration.ofSeconds(5), 5, QueueOptions.DEFAULT);
        queue.run(VISIBILITY);
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        QueueMessage[] all = numbered(30);
        queue.deliver(polls.get(0), Arrays.copyOfRange(all, 0, 10));
        QueueCommand.Receive third = queue.the(QueueCommand.Receive.class);
        queue.deliver(polls.get(1), Arrays.copyOfRange(all, 10, 20));
        assertThat(queue.the(QueueCommand.Invoke.class).messages()).as("full").hasSize(20);

        queue.deliver(third, Arrays.copyOfRange(all, 20, 30));
        assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        queue.at(Duration.ofSeconds(5));
        assertThat(queue.the(QueueCommand.Invoke.class).messages())
                .as("the window has ended")
                .hasSize(10);
    }

    @Test
    void anEmptyWindowInvokesNothing() {
        MachineDriver queue = new MachineDriver(100, Duration.ofSeconds(5), 5, QueueOptions.DEFAULT);
        queue.run(VISIBILITY);
        queue.now = START.plusSeconds(3);
        queue.deliver(queue.the(QueueCommand.Receive.class));
        for (int second = 4; second <= 60; second++) {
            queue.at(Duration.ofSeconds(second));
            assertThat(queue.all(QueueCommand.Invoke.class)).isEmpty();
        }
    }

    @Test
    void filteredMessagesDoNotCountForTheBatch() {
        MachineDriver queue = new MachineDriver(3, Duration.ofSeconds(5), 5, 1L << 30, QueueOptions.DEFAULT);
        queue.run(VISIBILITY);
        List<QueueCommand.Receive> polls = queue.all(QueueCommand.Receive.class);
        queue.deliver(polls.get(0), message("a"), unmatched("x"), message("b"));
        assertThat(queue.all(QueueCommand.Invoke.class)).as("two of three").isEmpty();

        // As large as an event can be: it would close the batch before the next message.
        queue.deliver(polls.get(1), unmatched("y"), message("c"));
        assertThat(ids(queue.the(QueueCommand.Invoke.class).messages())).containsExactly("a", "b", "c");
    }

    private static QueueMessage unmatched(String id) {
        return new QueueMessage(id, "h-" + id, null, 1, Payload.of(new byte[6_291_000]), null, false);
    }

    /** The trap of FIFO queues: what a function leaves out of its report counts as processed. */
    @Test
    void deletesLaterMessagesOfAGroupThatTheFunctionDoesNotReport() {
        MachineDriver queue = new MachineDriver(10, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.receive(message("g1", "g", 1), message("g2", "g", 1), message("g3", "g", 1));
        queue.ended(queue.the(QueueCommand.Invoke.class), new InvocationOutcome.BatchItemFailures(List.of("g2")));

        assertThat(ids(queue.the(QueueCommand.Delete.class).messages())).containsExactly("g1", "g3");
        assertThat(ids(queue.letGo().messages())).containsExactly("g2");
    }

    @Test
    void aBatchOfAFifoQueueKeepsTheReceiveOrderOfItsGroups() {
        MachineDriver queue = new MachineDriver(10, Duration.ZERO, 5, QueueOptions.DEFAULT);
        queue.receive(message("a1", "a", 1), message("b1", "b", 1), message("a2", "a", 1), message("b2", "b", 1));

        assertThat(ids(queue.the(QueueCommand.Invoke.class).messages())).containsExactly("a1", "b1", "a2", "b2");
    }

    private static MachineDriver driver(int batchSize, Duration window, QueueMembers members, QueueOptions options) {
        EventSourceMapping mapping = new EventSourceMapping(
                new UUID(0, 1),
                Arn.parse("arn:aws:sqs:us-east-1:000000000000:orders").orElseThrow(),
                FunctionReference.parse("orders-fn", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                batchSize,
                window,
                List.of(),
                false,
                members,
                Set.of(),
                null,
                Map.of(),
                new MappingOptions(options, StreamOptions.DEFAULT, 0));
        return new MachineDriver(QueuePolicy.of(mapping, Duration.ofSeconds(20), NONE, 1L << 30));
    }
}
