package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.invoke.AnswerReader;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.QueueMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Spec 4.8, line by line, through the reading of the function's answer. */
class SettlementTest {

    private static final Set<String> NONE = Set.of();
    private static final Set<String> ALL = Set.of("a", "b", "c");

    static Stream<Arguments> answers() {
        return Stream.of(
                arguments("", NONE),
                arguments("null", NONE),
                arguments("{}", NONE),
                arguments("\"\"", NONE),
                arguments("[]", NONE),
                arguments("  {} ", NONE),
                arguments("{\"batchItemFailures\":[]}", NONE),
                arguments("{\"batchItemFailures\":null}", NONE),
                arguments("{\"statusCode\":200}", NONE),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}", Set.of("b")),
                arguments(
                        "{\"batchItemFailures\":[{\"itemIdentifier\":\"b\"},{\"itemIdentifier\":\"b\"}]}", Set.of("b")),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":\"a\",\"more\":1}]}", Set.of("a")),
                arguments(
                        "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},{\"itemIdentifier\":\"c\"}]}",
                        Set.of("a", "c")),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}", ALL),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":null}]}", ALL),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":7}]}", ALL),
                arguments("{\"batchItemFailures\":[{\"foo\":\"a\"}]}", ALL),
                arguments("{\"batchItemFailures\":[\"a\"]}", ALL),
                arguments("{\"batchItemFailures\":{}}", ALL),
                arguments("{\"batchItemFailures\":\"a\"}", ALL),
                arguments("{\"BatchItemFailures\":[{\"itemIdentifier\":\"a\"}]}", ALL),
                arguments("{\"batchItemFailure\":[{\"itemIdentifier\":\"a\"}]}", ALL),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":\"z\"}]}", ALL),
                arguments("{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},{\"itemIdentifier\":\"z\"}]}", ALL),
                arguments("\"OK\"", ALL),
                arguments("true", ALL),
                arguments("5", ALL),
                arguments("[1]", ALL),
                arguments("not json", ALL),
                arguments("{\"batchItemFailures\":[", ALL));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void keepsInTheQueueWhatTheAnswerReports(String answer, Set<String> failed) {
        InvocationOutcome outcome = AnswerReader.read(new InvocationOutcome.Succeeded(Payload.ofText(answer)));
        Settlement.Settle settle = settle(outcome);

        assertThat(settle.failed()).isEqualTo(failed);
        assertThat(settle.slowDown())
                .as("reported failures do not slow polling down")
                .isFalse();
    }

    @Test
    void deletesEverythingAfterASuccessThatWasNotRead() {
        assertThat(settle(new InvocationOutcome.Succeeded(Payload.ofText("not json")))
                        .failed())
                .isEmpty();
    }

    @Test
    void keepsEverythingAndSlowsDownAfterAFunctionError() {
        Settlement.Settle settle = settle(new InvocationOutcome.FunctionError("Error", "boom"));

        assertThat(settle.failed()).isEqualTo(ALL);
        assertThat(settle.slowDown()).isTrue();
        assertThat(settle.detail()).contains("Error", "boom");
    }

    @Test
    void keepsTryingWhileTheFunctionDoesNotTakeTheBatch() {
        assertThat(Settlement.of(batch(), new InvocationOutcome.Throttled("limit", Duration.ofSeconds(3))))
                .isEqualTo(new Settlement.KeepTrying(Duration.ofSeconds(3)));
        assertThat(Settlement.of(batch(), new InvocationOutcome.Unavailable("refused", Duration.ZERO)))
                .isEqualTo(new Settlement.KeepTrying(Duration.ZERO));
    }

    @Test
    void splitsABatchThatIsTooLargeUntilOneMessageIsLeft() {
        InvocationOutcome tooLarge = new InvocationOutcome.TooLarge("413");

        assertThat(Settlement.of(batch(), tooLarge)).isEqualTo(new Settlement.Split());
        assertThat(Settlement.of(batchOf("a"), tooLarge))
                .isEqualTo(new Settlement.Settle(Set.of("a"), QueueNotice.Reason.TOO_LARGE, "413", false));
    }

    private static Settlement.Settle settle(InvocationOutcome outcome) {
        return (Settlement.Settle) Settlement.of(batch(), outcome);
    }

    private static HeldBatch batch() {
        return batchOf("a", "b", "c");
    }

    private static HeldBatch batchOf(String... ids) {
        List<HeldMessage> messages = Stream.of(ids)
                .map(id -> new HeldMessage(
                        new QueueMessage(id, "h", null, 1, Payload.EMPTY, null, true),
                        Instant.EPOCH,
                        Duration.ofSeconds(30)))
                .toList();
        return new HeldBatch(1, messages, Instant.EPOCH);
    }
}
