package dev.millrace.daemon.observe;

import static dev.millrace.daemon.observe.StreamFixture.NOW;
import static dev.millrace.daemon.observe.StreamFixture.SHARD;
import static dev.millrace.daemon.observe.StreamFixture.invoke;
import static dev.millrace.daemon.observe.StreamFixture.mapping;
import static dev.millrace.daemon.observe.StreamFixture.record;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.daemon.config.LoggingSettings;
import dev.millrace.failure.Discard;
import dev.millrace.failure.DiscardReason;
import dev.millrace.failure.LastInvocation;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import dev.millrace.stream.ShardNotice.Fate;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lines as they are printed, with the shard they are about. */
class StreamLogTest {

    private static final List<StreamRecord> TWO =
            List.of(record(1, Duration.ZERO, true), record(2, Duration.ZERO, true));
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final StreamLog log = new StreamLog(mapping());
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream terminal = System.out;

    @BeforeEach
    void captureLines() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        LogSetup.apply(LoggingSettings.DEFAULT);
    }

    @AfterEach
    void releaseTerminal() {
        System.setOut(terminal);
    }

    @Test
    void namesTheShardBesideItsStream() {
        log.lifecycle("polling");
        log.shardStarted(SHARD, ShardProgress.startingAt(new ReadPosition.TrimHorizon()));

        assertThat(lines())
                .containsExactly(
                        "INFO  [stream/clicks>clicks-fn] polling",
                        "INFO  [stream/clicks/" + SHARD + ">clicks-fn] the shard is polled from=\"TRIM_HORIZON\"");
    }

    @Test
    void tellsOfAFailedInvocationButOfNoneThatSucceeded() {
        log.invoked(SHARD, invoke(1, TWO), "r1", new InvocationOutcome.Succeeded(Payload.EMPTY), SECOND);
        log.invoked(SHARD, invoke(2, TWO), "r2", new InvocationOutcome.FunctionError("Error", "boom"), SECOND);

        assertThat(lines())
                .containsExactly("WARN  [stream/clicks/" + SHARD + ">clicks-fn] invocation ended batch=\"7\" lane=\"1\""
                        + " records=\"2\" first=\"1\" last=\"2\" requestId=\"r2\" attempt=\"2\" ms=\"1000\""
                        + " outcome=\"FunctionError\" detail=\"Error: boom\"");
    }

    @Test
    void tellsWhatBecameOfADiscard() {
        Discard discard = new Discard(
                SHARD,
                TWO,
                DiscardReason.RETRY_ATTEMPTS_EXHAUSTED,
                3,
                new LastInvocation("r3", "$LATEST", "Unhandled"),
                null,
                NOW);
        report(new ShardNotice.Discarded(discard, Fate.DELIVERED));
        report(new ShardNotice.Discarded(
                new Discard(SHARD, TWO, DiscardReason.RECORD_AGE_EXCEEDED, 0, null, null, NOW), Fate.UNDELIVERABLE));

        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("WARN  ")
                                .endsWith(
                                        "records were discarded, and the on-failure destination was told records=\"2\""
                                                + " first=\"1\" last=\"2\" reason=\"RetryAttemptsExhausted\""
                                                + " invocations=\"3\" requestId=\"r3\""),
                        line -> assertThat(line)
                                .startsWith("ERROR ")
                                .contains("could not be told")
                                .endsWith("reason=\"RecordAgeExceeded\" invocations=\"0\" requestId=\"none\""));
    }

    @Test
    void tellsOfLostRecordsAndOfTrouble() {
        report(new ShardNotice.Gap(null, NOW, "older than 24 hours"));
        report(new ShardNotice.SourceTrouble(
                new SourceProblem(SourceProblem.Kind.ACCESS_DENIED, "clicks: allow kinesis:GetRecords"), SECOND));
        log.storeTrouble("disk full", SECOND);
        log.crashed(null, new IllegalStateException("defect"), SECOND);

        assertThat(lines().subList(0, 4))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("ERROR [stream/clicks/" + SHARD + ">clicks-fn] records are lost")
                                .endsWith(
                                        "from=\"unknown\" to=\"2026-01-01T00:00:00Z\" detail=\"older than 24 hours\""),
                        line -> assertThat(line)
                                .endsWith("clicks: allow kinesis:GetRecords kind=\"ACCESS_DENIED\" retryInMs=\"1000\""),
                        line -> assertThat(line)
                                .startsWith("ERROR [stream/clicks>clicks-fn] progress cannot be stored"),
                        line -> assertThat(line).startsWith("ERROR [stream/clicks>clicks-fn] a defect stopped"));
    }

    private void report(ShardNotice notice) {
        log.turn(SHARD, new ShardEvent.Tick(), List.of(new ShardCommand.Report(notice)));
    }

    /** Without their times, and without the space before no facts. */
    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("^[0-9:.]+ ", "").stripTrailing())
                .toList();
    }
}
