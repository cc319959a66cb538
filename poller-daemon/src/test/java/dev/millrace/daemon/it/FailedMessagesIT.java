package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.daemon.it.SqsEvent.Message;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.sqs.OnEverySqsServer;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that the function cannot process: they come back, alone, and end in the dead-letter queue. */
@OnEverySqsServer
final class FailedMessagesIT {

    private static final int MOST_RECEIVES = 3;
    private static final int TIMEOUT_SECONDS = 20;
    private static final int VISIBILITY_SECONDS = 30;
    private static final String POISON = "poison";
    private static final String AT_ONCE = "Millrace: {WaitTimeSeconds: 1, RetryBackoff: {BaseSeconds: 0}}";
    private static final String REPORT = "FunctionResponseTypes: [ReportBatchItemFailures]";

    private final Scene scene;

    FailedMessagesIT(SqsServer server, @TempDir Path folder) {
        scene = new Scene(server, folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void poisonEndsInTheDeadLetterQueueAndOthersAreProcessedOnce() {
        TestQueue deadLetters = scene.queues().create("poison-dlq", VISIBILITY_SECONDS);
        TestQueue queue = scene.queues().create("poison", VISIBILITY_SECONDS, deadLetters, MOST_RECEIVES);
        scene.answers(event -> SqsEvent.failing(
                event.messages().stream().filter(FailedMessagesIT::isPoison).toList()));
        scene.startReady(scene.config(scene.fn(TIMEOUT_SECONDS), Scene.mapping(queue, REPORT + ", " + AT_ONCE)));
        queue.send(List.of("a", "b", "c", POISON, "d", "e", "f"));

        Eventually.until("the poison to be dead", () -> deadLetters.visible() == 1);
        Scene.awaitEmpty(queue);
        assertThat(deadLetters.take()).extracting(TestQueue.Taken::body).containsExactly(POISON);
        Map<String, Integer> deliveries = scene.deliveries();
        assertThat(deliveries.remove(POISON)).isEqualTo(MOST_RECEIVES);
        assertThat(deliveries)
                .containsOnlyKeys("a", "b", "c", "d", "e", "f")
                .allSatisfy((body, times) -> assertThat(times).as(body).isEqualTo(1));
    }

    @Test
    void poisonHoldsBackOnlyItsMessageGroupAndOnlyUntilItIsDead() {
        TestQueue deadLetters = scene.queues().create("poison-dlq.fifo", VISIBILITY_SECONDS);
        TestQueue queue = scene.queues().create("poison.fifo", VISIBILITY_SECONDS, deadLetters, MOST_RECEIVES);
        CountDownLatch othersProcessed = new CountDownLatch(5);
        scene.answers(event -> {
            Message message = event.messages().getFirst();
            if (!isPoison(message)) {
                if ("b".equals(message.group())) {
                    othersProcessed.countDown();
                }
                return FunctionAnswer.ok("");
            }
            // The poison occupies its group until group b is through: were b to wait for it, both would wait.
            return await(othersProcessed) ? FunctionAnswer.status(500, "poison") : FunctionAnswer.ok("");
        });
        scene.startReady(scene.config(scene.fn(TIMEOUT_SECONDS), Scene.mapping(queue, "BatchSize: 1, " + AT_ONCE)));
        queue.sendTo("a", POISON, "a1", "a2");
        queue.sendTo("b", "b1", "b2", "b3", "b4", "b5");

        Scene.awaitEmpty(queue);
        Eventually.until("the poison to be dead", () -> deadLetters.visible() == 1);
        assertThat(deadLetters.take()).extracting(TestQueue.Taken::body).containsExactly(POISON);
        List<String> order = scene.events().stream()
                .flatMap(event -> event.bodies().stream())
                .toList();
        assertThat(order.stream().filter(body -> !body.startsWith("b")))
                .containsExactly(POISON, POISON, POISON, "a1", "a2");
        assertThat(order.stream().filter(body -> body.startsWith("b"))).containsExactly("b1", "b2", "b3", "b4", "b5");
    }

    @Test
    void onlyReportedMessagesComeBack() {
        TestQueue queue = scene.queues().create("partial", 5);
        Set<String> flaky = Set.of("m2", "m5", "m7");
        scene.answers(event -> SqsEvent.failing(event.messages().stream()
                .filter(message -> message.receiveCount() == 1 && flaky.contains(message.body()))
                .toList()));
        scene.startReady(scene.config(scene.fn(5), Scene.mapping(queue, REPORT + ", Millrace: {WaitTimeSeconds: 1}")));
        queue.send(IntStream.range(0, 10).mapToObj(number -> "m" + number).toList());

        Scene.awaitEmpty(queue);
        Map<String, Integer> expected = new HashMap<>();
        IntStream.range(0, 10).forEach(number -> expected.put("m" + number, flaky.contains("m" + number) ? 2 : 1));
        assertThat(scene.deliveries()).isEqualTo(expected);
    }

    /** Recorded from AWS: of four messages 2, 3 and 4 are reported, and come again as one batch (spec 4.8). */
    @Test
    void reportedMessagesOfAGroupComeBackInOrderWithAReceiveCountOfTwo() {
        TestQueue queue = scene.queues().create("partial.fifo", 5);
        scene.answers(event -> SqsEvent.failing(event.messages().stream()
                .filter(message ->
                        message.receiveCount() == 1 && !message.body().equals("m1"))
                .toList()));
        queue.sendTo("g", "m1", "m2", "m3", "m4");
        scene.startReady(scene.config(scene.fn(5), Scene.mapping(queue, REPORT + ", Millrace: {WaitTimeSeconds: 1}")));

        Scene.awaitEmpty(queue);
        assertThat(scene.events())
                .extracting(SqsEvent::bodies)
                .containsExactly(List.of("m1", "m2", "m3", "m4"), List.of("m2", "m3", "m4"));
        assertThat(scene.events().getLast().messages())
                .extracting(Message::receiveCount)
                .containsOnly(2);
    }

    private static boolean isPoison(Message message) {
        return message.body().equals(POISON);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(TIMEOUT_SECONDS - 2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
