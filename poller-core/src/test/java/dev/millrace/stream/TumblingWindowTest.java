package dev.millrace.stream;

import static dev.millrace.stream.Records.START;
import static dev.millrace.stream.Records.lanes;
import static dev.millrace.stream.Records.record;
import static dev.millrace.stream.Records.sized;
import static dev.millrace.stream.ShardDriver.ENDLESS;
import static dev.millrace.stream.ShardDriver.ERROR;
import static dev.millrace.stream.ShardDriver.SUCCESS;
import static dev.millrace.stream.ShardDriver.rules;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.WindowCall;
import dev.millrace.batch.WindowEvent;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.failure.Discard;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand.Invoke;
import dev.millrace.stream.ShardCommand.Read;
import dev.millrace.stream.ShardCommand.Save;
import dev.millrace.stream.ShardCommand.SaveEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Spec 5 and ADR 0019. */
class TumblingWindowTest {

    private static final Duration NO_LIMIT = Duration.ZERO;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Payload STATE = Payload.ofText("{\"n\":1}");

    private final TumblingWindow window = new TumblingWindow(MINUTE, null, START);

    private static StreamRecord at(long second) {
        return record(1, "k", START.plusSeconds(second));
    }

    @Test
    void isAlignedToTheEpoch() {
        window.open(at(59));
        assertThat(window.call(false))
                .isEqualTo(new WindowCall(
                        START, START.plus(MINUTE), window.call(false).state(), false, false));
        assertThat(window.call(false).state().text()).isEqualTo("{}");

        TumblingWindow before = new TumblingWindow(Duration.ofSeconds(7), null, START);
        before.open(record(1, "k", Instant.ofEpochSecond(-1)));
        assertThat(before.call(false).start()).isEqualTo(Instant.ofEpochSecond(-7));
    }

    @Test
    void takesItsOwnRecordsAndLateOnes() {
        assertThat(window.takes(at(0))).as("no window is open").isFalse();
        window.open(at(60));
        assertThat(window.takes(at(119))).isTrue();
        assertThat(window.takes(at(3))).isTrue();
        assertThat(window.takes(at(120))).isFalse();
    }

    @Test
    void isNotOpenedAnewOnceTheFunctionHasSeenSomething() {
        window.open(at(0));
        window.open(at(60));
        assertThat(window.call(false).start()).isEqualTo(START.plusSeconds(60));
        window.answered(STATE);
        window.open(at(120));
        assertThat(window.call(false).start()).isEqualTo(START.plusSeconds(60));
        assertThat(window.call(true))
                .isEqualTo(new WindowCall(START.plusSeconds(60), START.plusSeconds(120), STATE, true, false));
    }

    @Test
    void isOverWhenARecordOfALaterOneIsNext() {
        window.open(at(0));
        assertThat(window.isOver(at(60), false, START))
                .as("nothing of it was processed")
                .isFalse();
        window.answered(STATE);
        assertThat(window.isOver(at(59), true, START)).isFalse();
        assertThat(window.isOver(at(60), false, START)).isTrue();
    }

    @Test
    void isOverAtTheEndOfTheShard() {
        window.open(at(0));
        assertThat(window.isOver(null, true, START)).isFalse();
        window.answered(STATE);
        assertThat(window.isOver(null, true, START)).isTrue();
        assertThat(window.isOver(null, false, START)).isFalse();
    }

    @Test
    void isOverWhenItsTimeHasComeAndNoRecordCameForTwoMinutes() {
        assertThat(window.quietAt()).isEqualTo(Instant.MAX);
        window.open(at(0));
        assertThat(window.quietAt()).isEqualTo(Instant.MAX);
        window.answered(STATE);
        assertThat(window.quietAt()).isEqualTo(START.plusSeconds(120));
        window.noticed(START.plusSeconds(30));
        assertThat(window.quietAt()).isEqualTo(START.plusSeconds(150));
        assertThat(window.isOver(null, false, START.plusSeconds(149))).isFalse();
        assertThat(window.isOver(null, false, START.plusSeconds(150))).isTrue();

        TumblingWindow longer = new TumblingWindow(Duration.ofMinutes(15), null, START);
        longer.open(at(0));
        longer.answered(STATE);
        assertThat(longer.quietAt()).isEqualTo(START.plus(Duration.ofMinutes(15)));
    }

    @Test
    void endsEarlyWhenItsStateIsAboveAMegabyte() {
        window.open(at(0));
        window.answered(Payload.of(new byte[1 << 20]));
        assertThat(window.isTooLarge()).isFalse();
        assertThat(window.call(true).terminatedEarly()).isFalse();
        window.answered(Payload.of(new byte[(1 << 20) + 1]));
        assertThat(window.isOver(at(1), false, START)).isTrue();
        assertThat(window.call(true).terminatedEarly()).isTrue();
        assertThat(window.call(false).terminatedEarly()).isFalse();
        assertThat(window.eventBytes()).isEqualTo((1 << 20) + 1 + 1_024);
    }

    @Test
    void whatIsLeftOfABatchOpensTheSameWindowAgain() {
        window.open(at(0));
        window.answered(STATE);
        window.close();

        assertThat(window.progress()).isNull();
        assertThat(window.isOver(at(60), true, START)).isFalse();
        assertThat(window.call(false).start()).isEqualTo(START);
        assertThat(window.call(false).state().text()).isEqualTo("{}");
    }

    @Test
    void goesOnWithWhatIsStored() {
        window.open(at(0));
        assertThat(window.progress()).as("nothing was processed").isNull();
        window.answered(STATE);
        assertThat(window.progress()).isEqualTo(new WindowProgress(START, STATE));

        TumblingWindow next = new TumblingWindow(MINUTE, window.progress(), START.plusSeconds(300));
        assertThat(next.call(true).state()).isEqualTo(STATE);
        assertThat(next.isOver(at(60), false, START)).isTrue();
        assertThat(next.quietAt()).as("two minutes from its beginning").isEqualTo(START.plusSeconds(420));
    }

    @Test
    void hasNothingToTellBeforeItIsOpen() {
        assertThatThrownBy(() -> window.call(false)).isInstanceOf(IllegalStateException.class);
    }

    private static final Instant EVENT_START = Instant.parse("2026-01-02T03:04:00Z");

    /** The document of spec 5. */
    @Test
    void hasAwsMembersBehindTheRecords() {
        WindowCall call =
                new WindowCall(EVENT_START, EVENT_START.plusSeconds(120), Payload.ofText("{\"any\":1}"), false, false);

        Payload event = WindowEvent.of(
                List.of(Payload.ofText("{}"), Payload.ofText("{}")), call, "shardId-000000000006", "arn:aws:x");

        assertThat(event.text())
                .isEqualTo("{\"Records\":[{},{}],\"window\":{\"start\":\"2026-01-02T03:04:00Z\","
                        + "\"end\":\"2026-01-02T03:06:00Z\"},\"state\":{\"any\":1},"
                        + "\"shardId\":\"shardId-000000000006\",\"eventSourceARN\":\"arn:aws:x\","
                        + "\"isFinalInvokeForWindow\":false,\"isWindowTerminatedEarly\":false}");
    }

    @Test
    void theFinalInvocationHasNoRecords() {
        WindowCall call = new WindowCall(EVENT_START, EVENT_START.plusSeconds(60), Payload.ofText("{}"), true, true);

        assertThat(WindowEvent.of(List.of(), call, "s", "a").text())
                .startsWith("{\"Records\":[],\"window\":")
                .endsWith("\"isFinalInvokeForWindow\":true,\"isWindowTerminatedEarly\":true}");
    }

    // ---- in a shard ----

    private static StreamRecord[] records(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Records::record).toArray(StreamRecord[]::new);
    }

    /** A shard with windows of a minute. */
    private static ShardDriver windows(int batchSize, FailureRules rules) {
        return new ShardDriver(new ShardPolicy(
                batchSize, NO_LIMIT, MINUTE, lanes(1), rules, null, ShardScript.PACING, 10_000, SavePace.LOCAL));
    }

    private static Discard discarded(ShardDriver shard) {
        return ((ShardNotice.Discarded) shard.notices().getFirst()).discard();
    }

    @Test
    void aWindowThatCannotBeEndedIsAbandoned() {
        ShardDriver windows = windows(2, rules(0, NO_LIMIT, false));
        windows.readToEnd(records(1, 1));
        windows.ended(windows.the(Invoke.class), SUCCESS, Payload.ofText("{\"n\":1}"));
        Invoke last = windows.the(Invoke.class);
        assertThat(Objects.requireNonNull(last.window()).isFinal()).isTrue();
        windows.ended(last, ERROR);
        assertThat(windows.notices())
                .containsExactly(new ShardNotice.WindowAbandoned(Records.START, Records.START.plusSeconds(60)));
        assertThat(windows.the(Save.class).progress().window()).isNull();
        assertThat(windows.saved().the(SaveEnd.class).progress().window()).isNull();
    }

    /** Its records may be in the stream, and would open it again with empty state. */
    @Test
    void aWindowIsNotOverWhileTheShardCannotBeReadOrIsBehind() {
        ShardDriver windows = windows(5, ENDLESS);
        windows.read(record(1));
        windows.ended(windows.the(Invoke.class), SUCCESS, Payload.ofText("{\"n\":1}"));
        Instant until = windows.now.plus(Duration.ofMinutes(10));
        while (windows.now.isBefore(until)) {
            windows.saveOrWait();
            if (!windows.all(Read.class).isEmpty()) {
                windows.readFails(Kind.UNAVAILABLE);
            }
            assertThat(windows.invoked()).isEmpty();
        }
        until = windows.now.plus(Duration.ofMinutes(10));
        while (windows.now.isBefore(until)) {
            windows.saveOrWait();
            if (!windows.all(Read.class).isEmpty()) {
                windows.on(new ShardEvent.Read(
                        windows.the(Read.class).call(), new ShardRead(List.of(), Duration.ofMinutes(1), null)));
            }
            assertThat(windows.invoked()).isEmpty();
        }
        Instant behind = windows.now;
        while (windows.all(Invoke.class).isEmpty()) {
            windows.saveOrWait();
            if (!windows.all(Read.class).isEmpty()) {
                windows.read();
            }
        }
        assertThat(windows.now).isBetween(behind.plus(Duration.ofMinutes(2)).minusSeconds(10), behind.plusSeconds(130));
    }

    /** What is left of a batch may not fit beside a state that has grown meanwhile. */
    @Test
    void splitsWhatIsLeftOfABatchWhenTheStateHasGrown() {
        ShardDriver windows = windows(5, ENDLESS);
        windows.read(sized(1, 100), sized(2, 3_000_000), sized(3, 3_000_000));
        assertThat(windows.invoked()).containsExactly("1-3");
        windows.ended(
                windows.the(Invoke.class),
                new InvocationOutcome.BatchItemFailures(List.of("2")),
                Payload.of(new byte[1_000_000]));
        windows.after(Duration.ofSeconds(1));
        assertThat(windows.invoked()).containsExactly("2");
    }

    @Test
    void whatIsLeftOfABatchIsSplitBeforeItIsGivenUpForItsAge() {
        ShardDriver windows = windows(5, rules(-1, Duration.ofSeconds(60), false));
        windows.read(sized(1, 100), sized(2, 3_000_000), sized(3, 3_000_000));
        Invoke invoke = windows.the(Invoke.class);
        windows.after(Duration.ofSeconds(61));
        windows.ended(invoke, new InvocationOutcome.BatchItemFailures(List.of("2")), Payload.of(new byte[1_000_000]));
        assertThat(windows.all(ShardCommand.Report.class)).hasSize(2);
        assertThat(windows.machine.snapshot().heldRecords()).isZero();
    }

    @Test
    void aWindowWhoseStateIsTooLargeEndsBeforeTheRestOfItsBatchIsGivenUp() {
        ShardDriver windows = windows(5, rules(-1, Duration.ofSeconds(60), false));
        windows.read(records(1, 3));
        Invoke invoke = windows.the(Invoke.class);
        windows.after(Duration.ofSeconds(61));
        windows.ended(invoke, new InvocationOutcome.BatchItemFailures(List.of("2")), Payload.of(new byte[1_100_000]));
        assertThat(windows.notices()).isEmpty();
        Invoke last = windows.after(Duration.ofSeconds(1)).the(Invoke.class);
        assertThat(Objects.requireNonNull(last.window()).terminatedEarly()).isTrue();
        windows.ended(last, SUCCESS);
        assertThat(discarded(windows).records()).hasSize(2);
    }
}
