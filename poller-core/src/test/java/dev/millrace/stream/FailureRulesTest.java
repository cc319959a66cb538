package dev.millrace.stream;

import static dev.millrace.stream.Records.START;
import static dev.millrace.stream.Records.batch;
import static dev.millrace.stream.Records.number;
import static dev.millrace.stream.Records.range;
import static dev.millrace.stream.Records.ranges;
import static dev.millrace.stream.Records.record;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.failure.DiscardReason;
import dev.millrace.invoke.Backoff;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FailureRulesTest {

    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    private static final Duration NO_LIMIT = Duration.ZERO;
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1));

    private final RandomGenerator random = new SplittableRandom(1);

    /** Runs one lane to its end: what was invoked, one text for each invocation, and what was given up. */
    private final class Lane {
        final List<String> invoked = new ArrayList<>();
        final List<Verdict.Discard> discards = new ArrayList<>();

        Lane run(FailureRules rules, Function<StreamBatch, InvocationOutcome> function, StreamBatch... batches) {
            Deque<StreamBatch> work = new ArrayDeque<>(List.of(batches));
            while (!work.isEmpty() && invoked.size() < 1_000) {
                StreamBatch next = work.pop();
                invoked.add(range(next));
                switch (rules.judge(next, function.apply(next), 1, random)) {
                    case Verdict.Complete _ -> {}
                    case Verdict.Retry retry -> retry.batches().reversed().forEach(work::push);
                    case Verdict.Discard discard -> discards.add(discard);
                }
            }
            return this;
        }
    }

    private static Function<StreamBatch, InvocationOutcome> failsOn(int bad) {
        return batch -> batch.records().stream().anyMatch(record -> number(record) == bad) ? ERROR : SUCCESS;
    }

    private static Function<StreamBatch, InvocationOutcome> reports(int bad) {
        return batch -> batch.records().stream().anyMatch(record -> number(record) == bad)
                ? new InvocationOutcome.BatchItemFailures(List.of(String.valueOf(bad)))
                : SUCCESS;
    }

    private static FailureRules rules(int retries, boolean bisect) {
        return new FailureRules(retries, NO_LIMIT, bisect, PAUSES);
    }

    @Test
    void bisectsAsInAwsSample() {
        Lane lane = new Lane().run(rules(0, true), failsOn(8), batch(1, 10));

        assertThat(lane.invoked).containsExactly("1-10", "1-5", "6-10", "6-7", "8-10", "8", "9-10");
        assertThat(lane.discards).singleElement().satisfies(discard -> {
            assertThat(range(discard.batch())).isEqualTo("8");
            assertThat(discard.reason()).isEqualTo(DiscardReason.RETRY_ATTEMPTS_EXHAUSTED);
        });
    }

    @Test
    void splitsAtTheReportedRecordAsInAwsSample() {
        Lane lane = new Lane().run(rules(0, true), reports(8), batch(1, 10));

        assertThat(lane.invoked).containsExactly("1-10", "8-10", "8", "9-10");
    }

    /** Recorded from AWS (spec 4.4): the rest after progress is a new batch with a fresh budget. */
    @Test
    void progressStartsAFreshBudget() {
        Lane lane = new Lane().run(rules(3, false), reports(6), batch(1, 3), batch(4, 6));

        assertThat(lane.invoked).containsExactly("1-3", "4-6", "6", "6", "6", "6");
        assertThat(lane.discards).singleElement().satisfies(discard -> {
            assertThat(range(discard.batch())).isEqualTo("6");
            assertThat(discard.batch().invocations())
                    .as("approximateInvokeCount")
                    .isEqualTo(4);
        });
    }

    @Test
    void invokesOnceAndMaximumRetryAttemptsTimesMore() {
        assertThat(new Lane().run(rules(0, false), failsOn(1), batch(1, 2)).invoked)
                .hasSize(1);
        assertThat(new Lane().run(rules(2, false), failsOn(1), batch(1, 2)).invoked)
                .hasSize(3);
        assertThat(new Lane().run(rules(-1, false), failsOn(1), batch(1, 2)).invoked)
                .as("no limit")
                .hasSize(1_000);
    }

    @Test
    void splittingUsesUpNoRetry() {
        Lane lane = new Lane().run(rules(1, true), failsOn(2), batch(1, 4));

        assertThat(lane.invoked).containsExactly("1-4", "1-2", "1", "2", "2", "3-4");
        assertThat(lane.discards)
                .singleElement()
                .satisfies(discard -> assertThat(discard.batch().invocations())
                        .as("as part of three batches, and once more")
                        .isEqualTo(4));
    }

    @Test
    void takesTheLowestReportedRecordByItsNumber() {
        InvocationOutcome outcome = new InvocationOutcome.BatchItemFailures(List.of("10", "9"));

        Verdict.Retry retry = (Verdict.Retry) rules(-1, false).judge(batch(7, 12), outcome, 1, random);

        assertThat(retry.done()).isEqualTo(2);
        assertThat(ranges(retry.batches())).containsExactly("9-12");
    }

    /** Functions see the stream's number only, which all sub-records of an aggregated record share. */
    @Test
    void takesAReportOfAnAggregatedRecordAsOneOfItsFirstSubRecordInTheBatch() {
        StreamBatch batch = StreamBatch.of(Stream.of("7", "8:3", "8:4", "9")
                .map(number -> new StreamRecord(SequenceNumber.of(number), "key", START, Payload.EMPTY, true))
                .toList());
        InvocationOutcome outcome = new InvocationOutcome.BatchItemFailures(List.of("9", "8"));

        Verdict.Retry retry = (Verdict.Retry) rules(-1, false).judge(batch, outcome, 1, random);

        assertThat(retry.done()).isEqualTo(1);
        assertThat(ranges(retry.batches())).containsExactly("8:3-9");
        assertThat(rules(0, false).judge(batch, new InvocationOutcome.BatchItemFailures(List.of("8:4")), 1, random))
                .as("no function can know of this")
                .isInstanceOf(Verdict.Discard.class);
    }

    @Test
    void takesAReportOfAnythingElseAsACompleteFailure() {
        for (String stranger : List.of("11", "x", "", "-3")) {
            InvocationOutcome outcome = new InvocationOutcome.BatchItemFailures(List.of("3", stranger));

            Verdict.Retry retry = (Verdict.Retry) rules(5, false).judge(batch(1, 4), outcome, 1, random);

            assertThat(retry.done()).as(stranger).isZero();
            assertThat(retry.batches()).containsExactly(batch(1, 4).failed());
        }
    }

    @Test
    void anAnswerThatBreaksTheContractIsACompleteFailure() {
        InvocationOutcome malformed = new InvocationOutcome.MalformedAnswer("not JSON");

        assertThat(rules(0, false).judge(batch(1, 4), malformed, 1, random)).isInstanceOf(Verdict.Discard.class);
    }

    @Test
    void aReportOfTheFirstRecordIsNoProgress() {
        InvocationOutcome outcome = new InvocationOutcome.BatchItemFailures(List.of("1"));

        assertThat(rules(0, false).judge(batch(1, 4), outcome, 1, random)).isInstanceOf(Verdict.Discard.class);
        Verdict.Retry halves = (Verdict.Retry) rules(0, true).judge(batch(1, 4), outcome, 1, random);
        assertThat(ranges(halves.batches())).containsExactly("1-2", "3-4");
    }

    @Test
    void throttledAndUnreachableUseUpNoRetryAndHonourWhatTheFunctionAskedFor() {
        for (InvocationOutcome outcome : List.of(
                new InvocationOutcome.Throttled("limit", Duration.ofSeconds(90)),
                new InvocationOutcome.Unavailable("refused", Duration.ofSeconds(90)))) {
            Verdict.Retry retry = (Verdict.Retry) rules(0, true).judge(batch(1, 4), outcome, 3, random);

            assertThat(retry.batches())
                    .containsExactly(new StreamBatch(batch(1, 4).records(), 0, 1));
            assertThat(retry.pause()).isEqualTo(Duration.ofSeconds(90));
        }
        Verdict.Retry tenth = (Verdict.Retry)
                rules(0, true).judge(batch(1, 4), new InvocationOutcome.Throttled("", Duration.ZERO), 10, random);
        assertThat(tenth.pause()).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
    }

    @Test
    void splitsAnEventThatIsTooLargeAndGivesUpOnASingleRecord() {
        InvocationOutcome tooLarge = new InvocationOutcome.TooLarge("413");

        Verdict.Retry halves = (Verdict.Retry) rules(0, false).judge(batch(1, 3), tooLarge, 1, random);
        assertThat(ranges(halves.batches())).containsExactly("1", "2-3");
        assertThat(rules(-1, false).judge(batch(1, 1), tooLarge, 1, random))
                .isEqualTo(new Verdict.Discard(batch(1, 1), DiscardReason.RECORD_TOO_LARGE));
    }

    /** Recorded from AWS (spec 4.3): one expired and five fresh records in one read. */
    @Test
    void onlyTheExpiredPrefixIsTooOld() {
        FailureRules rules = new FailureRules(-1, Duration.ofSeconds(60), false, PAUSES);
        Instant now = START.plusSeconds(60);
        List<StreamRecord> records = List.of(
                record(1, "k", START.minusMillis(1)),
                record(2, "k", START),
                record(3, "k", START.minusSeconds(5)),
                record(4, "k", START.plusSeconds(1)));
        StreamBatch batch = StreamBatch.of(records);

        assertThat(rules.expired(batch, null, now)).containsExactly(records.getFirst());
        assertThat(rules.expiry(records.getFirst(), null)).isEqualTo(now.minusMillis(1));
        assertThat(rules(-1, false).expired(batch, null, now)).isEmpty();
        assertThat(rules(-1, false).expiry(records.getFirst(), null)).isEqualTo(Instant.MAX);
    }

    @Test
    void whatFailsIsTooOldBeyondTheRetentionOrTheAgeWhicheverIsShorter() {
        FailureRules aged = new FailureRules(-1, Duration.ofSeconds(60), false, PAUSES);
        StreamRecord record = record(1, "k", START);
        StreamBatch batch = StreamBatch.of(List.of(record));
        Duration retention = Duration.ofHours(24);

        assertThat(rules(-1, false).expiry(record, retention)).isEqualTo(START.plus(retention));
        assertThat(rules(-1, false).expired(batch, retention, START.plus(retention)))
                .isEmpty();
        assertThat(rules(-1, false)
                        .expired(batch, retention, START.plus(retention).plusMillis(1)))
                .containsExactly(record);
        assertThat(aged.expiry(record, retention)).isEqualTo(START.plusSeconds(60));
        assertThat(aged.expiry(record, Duration.ofSeconds(30))).isEqualTo(START.plusSeconds(30));
    }
}
