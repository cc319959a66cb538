package dev.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Invoker} promises. An invoker's test extends this and provides the contract's function, which does
 * what the beginning of its event says:
 *
 * <table>
 * <caption>The contract's function</caption>
 * <tr><th>the event begins with</th><th>the function</th></tr>
 * <tr><td>{@value #ECHO}</td><td>answers with the event itself, byte for byte</td></tr>
 * <tr><td>{@value #EMPTY}</td><td>answers with nothing, or where its transport has no such answer with {@code null}</td></tr>
 * <tr><td>{@value #FAIL}</td><td>fails with error type {@value #ERROR_TYPE} and message {@value #ERROR_MESSAGE}</td></tr>
 * <tr><td>{@value #RANT}</td><td>fails with that type and a message of 100,000 times {@code x}</td></tr>
 * <tr><td>{@value #HANG}</td><td>does not answer within 60 s</td></tr>
 * <tr><td>{@value #HUGE}</td><td>answers with 10 MiB of JSON</td></tr>
 * <tr><td>{@value #CRASH}</td><td>dies in the worst way its transport knows, without an answer</td></tr>
 * </table>
 */
public abstract class InvokerContract {

    public static final String ECHO = "{\"do\":\"echo\"";
    public static final String EMPTY = "{\"do\":\"empty\"";
    public static final String FAIL = "{\"do\":\"fail\"";
    public static final String RANT = "{\"do\":\"rant\"";
    public static final String HANG = "{\"do\":\"hang\"";
    public static final String HUGE = "{\"do\":\"huge\"";
    public static final String CRASH = "{\"do\":\"crash\"";

    public static final String ERROR_TYPE = "Contract.Failed";
    public static final String ERROR_MESSAGE = "as it was told";

    private static final Duration LONG = Duration.ofSeconds(30);

    /** How much later than its timeout an invocation may end on a loaded machine. */
    private static final Duration SLACK = Duration.ofSeconds(15);

    private static final int CONCURRENCY = 16;

    private Invoker invoker;

    /**
     * Opens an invoker of the contract's function.
     *
     * @param concurrency the most invocations at once
     */
    protected abstract Invoker open(int concurrency) throws Exception;

    @BeforeEach
    final void openTheInvoker() throws Exception {
        invoker = open(CONCURRENCY);
    }

    @AfterEach
    final void closeTheInvoker() {
        invoker.close();
    }

    @Test
    void handsOverTheAnswer() throws Exception {
        assertThat(answer(ECHO + ",\"text\":\"Grüße, 世界 \\u0000\"}"))
                .isEqualTo(ECHO + ",\"text\":\"Grüße, 世界 \\u0000\"}");
    }

    @Test
    void sendsAnEventOfManySegmentsAsOne() throws Exception {
        List<Payload> segments = new ArrayList<>();
        StringBuilder whole = new StringBuilder();
        for (String segment : manySegments()) {
            segments.add(Payload.ofText(segment));
            whole.append(segment);
        }

        InvocationOutcome outcome = invoker.invoke(request(Payload.joined(segments), LONG));

        assertThat(answerOf(outcome)).isEqualTo(whole.toString());
    }

    private static List<String> manySegments() {
        List<String> segments = new ArrayList<>();
        segments.add(ECHO + ",\"Records\":[\"\"");
        for (int i = 0; i < 1_000; i++) {
            segments.add(",\"" + "ü".repeat(i) + "\"");
        }
        segments.add("]}");
        return segments;
    }

    @Test
    void carriesTheLargestEventThatAwsTakesThereAndBack() throws Exception {
        int limit = 6 * 1024 * 1024;
        String event = ECHO + ",\"x\":\"" + "x".repeat(limit - ECHO.length() - 8) + "\"}";
        assertThat(event).hasSize(limit);

        String answer = answer(event);

        assertThat(answer.equals(event)).isTrue();
    }

    @Test
    void anEmptyAnswerIsASuccess() throws Exception {
        assertThat(answer(EMPTY + "}")).isIn("", "null");
    }

    @Test
    void aFunctionErrorTellsItsTypeAndMessage() throws Exception {
        assertThat(invoke(FAIL + "}", LONG)).isEqualTo(new FunctionError(ERROR_TYPE, ERROR_MESSAGE));
    }

    @Test
    void aLongErrorMessageIsCut() throws Exception {
        assertThat(invoke(RANT + "}", LONG)).isInstanceOfSatisfying(FunctionError.class, error -> {
            assertThat(error.errorType()).isEqualTo(ERROR_TYPE);
            assertThat(error.message()).startsWith("xxx").hasSize(InvocationOutcome.LONGEST_TEXT);
        });
    }

    @Test
    void noAnswerInTimeIsATimeoutAndTheNextInvocationWorks() throws Exception {
        Duration timeout = Duration.ofSeconds(1);
        long start = System.nanoTime();

        InvocationOutcome outcome = invoke(HANG + "}", timeout);

        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(took).isBetween(timeout.minusMillis(50), timeout.plus(SLACK));
        assertThat(outcome).isInstanceOfSatisfying(FunctionError.class, error -> {
            assertThat(error.errorType()).isEqualTo("Sandbox.Timedout");
            assertThat(error.message()).contains("Task timed out after 1.00 seconds");
        });
        assertThat(answer(ECHO + "}")).isEqualTo(ECHO + "}");
    }

    @Test
    void anAnswerAboveAwsLimitIsAFunctionErrorAndTheNextInvocationWorks() throws Exception {
        assertThat(invoke(HUGE + "}", LONG))
                .isInstanceOfSatisfying(
                        FunctionError.class,
                        error -> assertThat(error.message()).contains("6291556"));
        assertThat(answer(ECHO + "}")).isEqualTo(ECHO + "}");
    }

    @Test
    void aFunctionThatDiesIsNoSuccessAndTheNextInvocationWorks() throws Exception {
        assertThat(invoke(CRASH + "}", LONG)).isNotInstanceOf(Succeeded.class);
        assertThat(answer(ECHO + "}")).isEqualTo(ECHO + "}");
    }

    /** As many as the invoker says that it takes: its gate lets no more through. */
    @Test
    void invocationsAtTheSameTimeEachGetTheirOwnAnswer() throws Exception {
        int callers = Math.min(CONCURRENCY, invoker.capacity().orElse(CONCURRENCY));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                int number = caller;
                answers.add(threads.submit(() -> manyAnswers(number)));
            }
            for (Future<String> answer : answers) {
                assertThat(answer.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEmpty();
            }
        }
    }

    /** The events that got another answer than their own. */
    private String manyAnswers(int caller) throws InterruptedException {
        StringBuilder wrong = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            String event = ECHO + ",\"caller\":" + caller + ",\"i\":" + i + "}";
            InvocationOutcome outcome = invoke(event, LONG);
            if (!(outcome instanceof Succeeded(Payload answer) && answer.text().equals(event))) {
                wrong.append(event).append(" -> ").append(outcome).append('\n');
            }
        }
        return wrong.toString();
    }

    @Test
    void anInterruptEndsAnInvocationAtOnceAndTheNextOneWorks() throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(endsInterrupted(() -> invoke(HANG + "}", LONG)));
        Thread caller = Thread.ofVirtual().name("caller").start(task);
        awaitBlocked(caller);

        caller.interrupt();

        assertThat(caller.join(SLACK)).as("ended").isTrue();
        assertThat(task.get()).as("interrupted").isTrue();
        assertThat(answer(ECHO + "}")).isEqualTo(ECHO + "}");
    }

    @Test
    void aThreadThatIsInterruptedAlreadyDoesNotWait() throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(endsInterrupted(() -> {
            Thread.currentThread().interrupt();
            return invoke(HANG + "}", LONG);
        }));
        Thread caller = Thread.ofVirtual().name("caller").start(task);

        assertThat(caller.join(SLACK)).as("ended").isTrue();
        assertThat(task.get()).as("interrupted").isTrue();
    }

    private static Callable<Boolean> endsInterrupted(Callable<InvocationOutcome> invocation) {
        return () -> {
            try {
                invocation.call();
                return false;
            } catch (InterruptedException e) {
                return true;
            }
        };
    }

    /** Waits until the thread waits for something: with a function that hangs, for its answer or on the way there. */
    private static void awaitBlocked(Thread thread) {
        long deadline = System.nanoTime() + SLACK.toNanos();
        int waiting = 0;
        while (waiting < 20) {
            assertThat(System.nanoTime()).as("waited for " + thread).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            waiting = switch (thread.getState()) {
                case WAITING, TIMED_WAITING, BLOCKED -> waiting + 1;
                case NEW, RUNNABLE, TERMINATED -> 0;
            };
        }
    }

    private String answer(String event) throws InterruptedException {
        return answerOf(invoke(event, LONG));
    }

    private static String answerOf(InvocationOutcome outcome) {
        assertThat(outcome).isInstanceOf(Succeeded.class);
        return ((Succeeded) outcome).answer().text();
    }

    private InvocationOutcome invoke(String event, Duration timeout) throws InterruptedException {
        return invoker.invoke(request(Payload.ofText(event), timeout));
    }

    /** A request as the runner makes it. */
    public static InvocationRequest request(Payload event, Duration timeout) {
        return new InvocationRequest(
                UUID.randomUUID().toString(),
                "arn:aws:lambda:us-east-1:000000000000:function:contract",
                FunctionSettings.LATEST,
                event,
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
                timeout);
    }
}
