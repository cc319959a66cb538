package dev.millrace.testkit.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Destination} promises. A destination's test extends this, and provides something real that it delivers to
 * and that can be broken on cue.
 */
public abstract class DestinationContract {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CONCURRENCY = 200;

    /** The destination under test, opened with {@code includePayload} where the option makes a difference. */
    protected abstract Destination destination();

    /** The documents that have arrived so far, in any order. */
    protected abstract List<String> arrived() throws Exception;

    /** From now on nothing is taken, and every delivery fails. */
    protected abstract void breakDown() throws Exception;

    /** From now on no delivery comes to an end. */
    protected abstract void hang() throws Exception;

    /** Everything works again, whatever was wrong. */
    protected abstract void recover() throws Exception;

    /** From now on records of more than a thousand bytes are too large; answers false when there is no such limit. */
    protected abstract boolean limit() throws Exception;

    /** How the destination is named in messages. */
    protected abstract String name();

    /** What should arrive of a small record: document and event. */
    protected String expected(InvocationRecord record) {
        return record.withPayload().text();
    }

    /** What should arrive of a record with an event of 6 MB, which most destinations take as well. */
    protected String expectedOfLarge(InvocationRecord record) {
        return record.withPayload().text();
    }

    @Test
    void deliversExactlyTheDocument() throws Exception {
        InvocationRecord record = record("Grüße, 世界 \\u0000 \\\"quoted\\\"", 0);

        destination().deliver(record);

        assertThat(arrived()).containsExactly(expected(record));
    }

    @Test
    void whatWasDeliveredHasArrivedWhenTheCallReturns() throws Exception {
        List<String> delivered = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            InvocationRecord record = record("number " + i, 0);
            destination().deliver(record);
            delivered.add(expected(record));

            assertThat(arrived()).containsExactlyInAnyOrderElementsOf(delivered);
        }
    }

    @Test
    void theLargestEventOfAwsIsNoProblem() throws Exception {
        InvocationRecord record = record("large", 6 * 1024 * 1024);

        destination().deliver(record);

        List<String> arrived = arrived();
        assertThat(arrived).hasSize(1);
        assertThat(arrived.getFirst().equals(expectedOfLarge(record))).isTrue();
    }

    @Test
    void aDestinationThatIsDownSaysSoAndTakesRecordsAgainOnceItIsBack() throws Exception {
        InvocationRecord record = record("persistent", 0);
        breakDown();

        DestinationException failure = failure(record);

        assertThat(failure.permanent()).as("permanent").isFalse();
        assertThat(failure).hasMessageContaining(name());
        assertThat(failure.getMessage()).doesNotContain("null").endsWith(".");
        assertThat(failure(record).permanent()).as("permanent the second time").isFalse();
        recover();
        destination().deliver(record);
        assertThat(arrived()).contains(expected(record));
    }

    @Test
    void aRecordThatIsTooLargeIsRefusedForGood() throws Exception {
        assumeThat(limit()).as("has a limit").isTrue();

        DestinationException failure = failure(record("x".repeat(2_000), 0));

        assertThat(failure.permanent()).as("permanent").isTrue();
        assertThat(failure).hasMessageContaining(name());
    }

    @Test
    void anInterruptEndsADeliveryAtOnceAndTheNextOneWorks() throws Exception {
        hang();
        FutureTask<Boolean> task = new FutureTask<>(endsInterrupted(record("hanging", 0)));
        Thread caller = Thread.ofVirtual().name("caller").start(task);
        Eventually.until("the delivery waits", () -> switch (caller.getState()) {
            case WAITING, TIMED_WAITING, BLOCKED -> true;
            case NEW, RUNNABLE, TERMINATED -> false;
        });

        caller.interrupt();

        assertThat(caller.join(PATIENCE)).as("ended").isTrue();
        assertThat(task.get()).as("interrupted").isTrue();
        recover();
        InvocationRecord next = record("next", 0);
        destination().deliver(next);
        assertThat(arrived()).contains(expected(next));
    }

    @Test
    void aThreadThatIsInterruptedAlreadyDeliversNothing() throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            Thread.currentThread().interrupt();
            return endsInterrupted(record("never", 0)).call();
        });
        Thread caller = Thread.ofVirtual().name("caller").start(task);

        assertThat(caller.join(PATIENCE)).as("ended").isTrue();
        assertThat(task.get()).as("interrupted").isTrue();
        assertThat(arrived()).isEmpty();
    }

    @Test
    void recordsAtTheSameTimeAllArriveOnce() throws Exception {
        List<String> expected = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> deliveries = new ArrayList<>();
            for (int i = 0; i < CONCURRENCY; i++) {
                InvocationRecord record = record("caller " + i, 100 * i);
                expected.add(expected(record));
                deliveries.add(threads.submit(() -> {
                    destination().deliver(record);
                    return true;
                }));
            }
            for (Future<?> delivery : deliveries) {
                delivery.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }

        assertThat(arrived()).containsExactlyInAnyOrderElementsOf(expected);
    }

    private Callable<Boolean> endsInterrupted(InvocationRecord record) {
        return () -> {
            try {
                destination().deliver(record);
                return false;
            } catch (InterruptedException e) {
                return true;
            }
        };
    }

    /** How the delivery of this record fails. */
    protected final DestinationException failure(InvocationRecord record) {
        DestinationException failure = catchThrowableOfType(
                DestinationException.class, () -> destination().deliver(record));
        assertThat(failure).as("the delivery fails").isNotNull();
        return failure;
    }

    /**
     * A record whose document holds the text, which must be escaped as in JSON, and whose event has about so many bytes.
     */
    public static InvocationRecord record(String text, int eventBytes) {
        return new InvocationRecord(
                UUID.randomUUID(),
                UUID.fromString("11111111-2222-3333-4444-555555555555"),
                "shardId-000000000000",
                Instant.parse("2026-01-02T03:04:05.678Z"),
                Payload.ofText("{\"requestContext\":{\"requestId\":\"" + text + "\"},\"version\":\"1.0\"}"),
                Payload.ofText("{\"Records\":[{\"data\":\"" + "d".repeat(eventBytes) + "\"}]}"));
    }
}
