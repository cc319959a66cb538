package dev.millrace.stream;

import static dev.millrace.stream.Records.number;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.batch.WindowCall;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.invoke.Backoff;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.StreamShard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Named scenarios, each against its committed trace: a change of behaviour is a difference that people can read. {@code
 * -Dtraces.write=true} writes them anew.
 */
class ShardTracesTest {

    private static final InvocationOutcome ERROR = new InvocationOutcome.FunctionError("Error", "boom");
    private static final InvocationOutcome SUCCESS = new InvocationOutcome.Succeeded(Payload.EMPTY);
    private static final InvocationOutcome THROTTLED = new InvocationOutcome.Throttled("limit", Duration.ZERO);
    private static final Duration NO_LIMIT = Duration.ZERO;
    private static final Path TRACES = Path.of("src/test/resources/dev/millrace/stream");

    private final ShardScript shard = new ShardScript();

    // ---- failures (spec 4.2 to 4.5) ----

    /** Recorded from AWS: {@code approximateInvokeCount} 8 when a record becomes 60 s old. */
    @Test
    void eightAttemptsInSixtySeconds() throws IOException {
        shard.function = _ -> ERROR;
        shard.duration = Duration.ofMillis(10);
        shard.records("k", 1, 1).begin(policy(1, 1, rules(-1, Duration.ofSeconds(60), false)));
        shard.pass(Duration.ofSeconds(70));

        assertThat(shard.text).containsPattern("RecordAgeExceeded after [78] invocations");
        matches("eight-attempts-in-sixty-seconds");
    }

    /** Recorded from AWS: the destination gets the one, the function the five. */
    @Test
    void oneExpiredAndFiveFresh() throws IOException {
        shard.records("k", 1, 1).pass(Duration.ofSeconds(61));
        shard.records("k", 2, 6).begin(policy(10, 1, rules(-1, Duration.ofSeconds(60), false)));
        shard.pass(Duration.ofSeconds(2));

        matches("one-expired-and-five-fresh");
    }

    /** Recorded from AWS: record 6 is invoked five times, the destination hears of four. */
    @Test
    void progressStartsAFreshBudget() throws IOException {
        shard.function = reports(6);
        shard.records("k", 1, 6).begin(policy(3, 1, rules(3, NO_LIMIT, false)));
        shard.pass(Duration.ofSeconds(10));

        matches("progress-starts-a-fresh-budget");
    }

    /** AWS's sample: 1-10, 1-5, 6-10, 6-7, 8-10, 8, 9-10. */
    @Test
    void bisectsTenOfWhichTheEighthIsBad() throws IOException {
        shard.function = failsOn(8);
        shard.records("k", 1, 10).begin(policy(10, 1, rules(0, NO_LIMIT, true)));
        shard.pass(Duration.ofSeconds(10));

        matches("bisect");
    }

    /** AWS's sample: 1-10, 8-10, 8, 9-10. */
    @Test
    void bisectsAtTheReportedRecord() throws IOException {
        shard.function = reports(8);
        shard.records("k", 1, 10).begin(policy(10, 1, rules(0, NO_LIMIT, true)));
        shard.pass(Duration.ofSeconds(10));

        matches("bisect-with-partial-response");
    }

    /** Not one retry is allowed, and none is used up in five minutes of throttling. */
    @Test
    void throttledForLong() throws IOException {
        shard.function = _ -> shard.agenda.now.isBefore(Records.START.plusSeconds(300)) ? THROTTLED : SUCCESS;
        shard.records("k", 1, 3).begin(policy(10, 1, rules(0, NO_LIMIT, true)));
        shard.pass(Duration.ofSeconds(400));

        matches("throttled-for-long");
    }

    @Test
    void poisonInOneOfTenLanes() throws IOException {
        shard.function = failsOn(3);
        for (int number = 1; number <= 40; number++) {
            shard.record(number, "key-" + number % 20);
        }
        shard.begin(policy(2, 10, rules(2, NO_LIMIT, true)));
        shard.pass(Duration.ofSeconds(20));

        matches("poison-in-one-of-ten-lanes");
    }

    // ---- destinations (spec 4.6) ----

    @Test
    void destinationDownAndGoingOn() throws IOException {
        shard.function = failsOn(1);
        shard.destination = _ -> false;
        shard.records("k", 1, 2).begin(policy(1, 1, rules(0, NO_LIMIT, false), Duration.ofSeconds(5), false));
        shard.pass(Duration.ofSeconds(10));

        matches("destination-down-and-going-on");
    }

    @Test
    void destinationDownAndWaiting() throws IOException {
        shard.function = failsOn(1);
        shard.destination = _ -> !shard.agenda.now.isBefore(Records.START.plusSeconds(30));
        shard.records("k", 1, 2).begin(policy(1, 1, rules(0, NO_LIMIT, false), Duration.ofSeconds(5), true));
        shard.pass(Duration.ofSeconds(60));

        matches("destination-down-and-waiting");
    }

    // ---- ends and beginnings ----

    @Test
    void crashInTheMiddleOfABisect() throws IOException {
        shard.function = failsOn(8);
        ShardPolicy policy = policy(10, 1, rules(0, NO_LIMIT, true));
        shard.records("k", 1, 10).begin(policy).pass(Duration.ofMillis(900));
        shard.crash().begin(policy).pass(Duration.ofSeconds(10));

        matches("crash-in-the-middle-of-a-bisect");
    }

    @Test
    void crashWhileOneLaneIsAhead() throws IOException {
        shard.function = failsOn(1);
        for (int number = 1; number <= 12; number++) {
            shard.record(number, number % 3 == 1 ? "bad" : "key-" + number);
        }
        shard.begin(policy(1, 4, rules(-1, NO_LIMIT, false))).pass(Duration.ofSeconds(2));
        shard.function = _ -> SUCCESS;
        shard.crash().begin(policy(1, 2, rules(-1, NO_LIMIT, false))).pass(Duration.ofSeconds(2));

        matches("crash-while-lanes-are-ahead");
    }

    @Test
    void stopWhileInvoking() throws IOException {
        shard.duration = Duration.ofSeconds(3);
        shard.records("k", 1, 4).begin(policy(2, 1, rules(-1, NO_LIMIT, false)));
        shard.pass(Duration.ofSeconds(1)).stop(Duration.ofSeconds(5)).pass(Duration.ofSeconds(10));
        ShardPolicy policy = policy(2, 1, rules(-1, NO_LIMIT, false));
        shard.begin(policy)
                .pass(Duration.ofSeconds(1))
                .stop(Duration.ofSeconds(1))
                .pass(Duration.ofSeconds(10));

        matches("stop-while-invoking");
    }

    @Test
    void splitWithTheParentFirst() throws IOException {
        ShardScript parent = new ShardScript("parent", List.of(), shard.agenda, shard.text, Duration.ofHours(24));
        ShardScript left = child("left", parent);
        ShardScript right = child("right", parent);
        Map<String, ShardScript> all = Map.of("parent", parent, "left", left, "right", right);
        parent.function = failsOn(3);
        parent.records("k", 1, 4);
        left.records("k", 5, 6);
        right.records("l", 7, 8);
        parent.shard.close(List.of(left.shard.listed(), right.shard.listed()));
        ShardPolicy policy = policy(2, 1, rules(1, NO_LIMIT, false));
        Runnable begin =
                () -> ready(all).forEach(ready -> the(all, ready.shardId()).begin(policy));
        all.values().forEach(one -> one.atEnd = begin);
        begin.run();
        parent.pass(Duration.ofSeconds(3));

        matches("split-with-the-parent-first");
    }

    private ShardScript child(String id, ShardScript parent) {
        return new ShardScript(id, List.of(parent.shard.id), shard.agenda, shard.text, Duration.ofHours(24));
    }

    private static ShardScript the(Map<String, ShardScript> all, String id) {
        return Objects.requireNonNull(all.get(id));
    }

    private List<StreamShard> ready(Map<String, ShardScript> all) {
        List<StreamShard> listed = new ArrayList<>();
        Map<String, ShardProgress> stored = new HashMap<>();
        all.forEach((id, script) -> {
            listed.add(script.shard.listed());
            stored.put(id, script.stored);
        });
        Set<String> running =
                all.keySet().stream().filter(id -> the(all, id).isRunning()).collect(Collectors.toSet());
        return ShardLineage.NONE
                .with(stored)
                .relisted(listed, true, shard.agenda.now)
                .ready(running, shard.agenda.now);
    }

    @Test
    void trimmedPosition() throws IOException {
        ShardScript kinesis = new ShardScript("shard", List.of(), shard.agenda, shard.text, Duration.ofHours(24));
        kinesis.records("k", 1, 2)
                .begin(policy(10, 1, rules(-1, NO_LIMIT, false)))
                .pass(Duration.ofSeconds(20));
        kinesis.crash().records("k", 3, 4).pass(Duration.ofHours(25));
        kinesis.records("k", 5, 6)
                .begin(policy(10, 1, rules(-1, NO_LIMIT, false)))
                .pass(Duration.ofSeconds(20));

        matches("trimmed-position");
    }

    // ---- tumbling windows (spec 5) ----

    @Test
    void tumblingWindow() throws IOException {
        counts();
        ShardPolicy policy = tumbling(Duration.ofSeconds(10));
        shard.begin(policy);
        for (int number = 1; number <= 4; number++) {
            shard.records("k", 2 * number - 1, 2 * number).pass(Duration.ofSeconds(4));
        }
        shard.crash().begin(policy).pass(Duration.ofSeconds(150));

        matches("tumbling-window");
    }

    @Test
    void tumblingWindowWhoseStateIsTooLarge() throws IOException {
        shard.state = call -> call.window() == null || call.window().isFinal() ? null : Payload.of(new byte[1_100_000]);
        shard.function = call -> call.records().size() > 1 ? reportsSecond(call) : SUCCESS;
        shard.records("k", 1, 2).begin(tumbling(Duration.ofSeconds(10))).pass(Duration.ofSeconds(3));

        matches("tumbling-window-with-a-large-state");
    }

    private static InvocationOutcome reportsSecond(ShardCommand.Invoke call) {
        return new InvocationOutcome.BatchItemFailures(
                List.of(call.records().get(1).sequenceNumber().toString()));
    }

    /** A function that counts the records of a window. */
    private void counts() {
        shard.state = call -> {
            WindowCall window = Objects.requireNonNull(call.window());
            String before = window.state().text().replaceAll("[^0-9]", "");
            int count = (before.isEmpty() ? 0 : Integer.parseInt(before))
                    + call.records().size();
            return Payload.ofText("{\"n\":" + count + "}");
        };
    }

    // ---- policies ----

    private static FailureRules rules(int retries, Duration age, boolean bisect) {
        return new FailureRules(retries, age, bisect, new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1)));
    }

    private static ShardPolicy policy(int batchSize, int lanes, FailureRules rules) {
        return policy(batchSize, lanes, rules, Duration.ofSeconds(60), false);
    }

    private static ShardPolicy policy(int batchSize, int lanes, FailureRules rules, Duration delivery, boolean block) {
        return new ShardPolicy(
                batchSize,
                Duration.ZERO,
                Duration.ZERO,
                Records.lanes(lanes),
                rules,
                new ShardPolicy.Delivery(delivery, block),
                ShardScript.PACING,
                10_000,
                SavePace.LOCAL);
    }

    private static ShardPolicy tumbling(Duration size) {
        return new ShardPolicy(
                10,
                Duration.ZERO,
                size,
                Records.lanes(1),
                rules(-1, NO_LIMIT, false),
                null,
                ShardScript.PACING,
                10_000,
                SavePace.LOCAL);
    }

    private static Function<ShardCommand.Invoke, InvocationOutcome> failsOn(int bad) {
        return call -> has(call, bad) ? ERROR : SUCCESS;
    }

    private static Function<ShardCommand.Invoke, InvocationOutcome> reports(int bad) {
        return call -> has(call, bad) ? new InvocationOutcome.BatchItemFailures(List.of(String.valueOf(bad))) : SUCCESS;
    }

    private static boolean has(ShardCommand.Invoke call, int bad) {
        return call.records().stream().anyMatch(record -> number(record) == bad);
    }

    private void matches(String name) throws IOException {
        Path file = TRACES.resolve(name + ".txt");
        if (Boolean.getBoolean("traces.write")) {
            Files.createDirectories(TRACES);
            Files.writeString(file, shard.text);
        }
        @Nullable String committed = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : null;
        assertThat(shard.text.toString()).as(name).isEqualTo(committed);
    }
}
