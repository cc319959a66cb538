package dev.millrace.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that no function should give: each keeps the whole batch in the queue, and none is a defect of ours. */
class AnswerReaderTest {

    static Stream<byte[]> garbage() {
        return Stream.of(
                // Looks like UTF-32 in an order that nobody uses, and UTF-32 beyond Unicode.
                new byte[] {0, 0, 'x', 0},
                new byte[] {0, 0, 0, '"', 0x7f, 0x7f, 0x7f, 0x7f, 0, 0, 0, '"'},
                new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 0, 1, 2, 3, 4},
                new byte[] {(byte) 0xFE, (byte) 0xFF, 1},
                new byte[] {'"', (byte) 0xC3, '"'},
                new byte[] {0},
                text("[".repeat(5_000)),
                text("{\"batchItemFailures\":[{\"itemIdentifier\":" + "9".repeat(5_000) + "}]}"),
                // Not one JSON value but two, and a list given twice: whichever were taken, the other would be lost.
                text("{} {\"batchItemFailures\":[{\"itemIdentifier\":\"a\"}]}"),
                text("{}x"),
                text("{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"}],\"batchItemFailures\":[]}"));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void keepsEverythingAfterAnAnswerThatIsNotJson(byte[] answer) {
        assertThat(AnswerReader.read(new InvocationOutcome.Succeeded(Payload.of(answer))))
                .isInstanceOf(InvocationOutcome.MalformedAnswer.class);
    }

    private static AnswerReader.WindowAnswer window(String answer, boolean failures, boolean isFinal) {
        return AnswerReader.readWindow(new InvocationOutcome.Succeeded(Payload.ofText(answer)), failures, isFinal);
    }

    /** AWS: the answer within a tumbling window must have a state (spec 5). */
    @Test
    void readsTheStateOfAWindow() {
        AnswerReader.WindowAnswer good = window("{\"state\": {\"a\": 1}, \"x\": 2}", false, false);
        assertThat(good.outcome()).isInstanceOf(InvocationOutcome.Succeeded.class);
        assertThat(good.state())
                .isNotNull()
                .satisfies(state -> assertThat(state.text()).isEqualTo("{\"a\": 1}"));
        for (String bad :
                List.of("{}", "", "null", "{\"state\": null}", "{\"state\": [1]}", "{\"state\": 1}", "x", "[]")) {
            AnswerReader.WindowAnswer answer = window(bad, false, false);
            assertThat(answer.outcome()).as(bad).isInstanceOf(InvocationOutcome.MalformedAnswer.class);
            assertThat(answer.state()).as(bad).isNull();
        }
    }

    /** Whatever is read into a type of Java's and written again may come out as another number. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sum\":0.1000000000000000055511151231257827}",
                "{\"sum\":1e400}",
                "{\"sum\":-1E-400}",
                "{\"sum\":12345678901234567890123}",
                "{\"sum\":1.0}",
                "{\"sum\":1E5}",
                "{\"sum\":-0}",
                "{ \"escaped\" : \"\\u00e9\\/\", \"plain\": \"é世界😀\",\n\t\"deep\":[{\"state\":{\"a\":[]}}] }",
                "{}"
            })
    void passesTheStateOnAsItWasGiven(String state) {
        for (String answer : List.of(
                "{\"state\":" + state + "}",
                "\uFEFF {\"é\": {\"state\": {}}, \"l\": [\"state\", {}], \"state\"\r\n:  " + state + " , \"x\": 2}")) {
            assertThat(window(answer, true, false).state())
                    .isNotNull()
                    .satisfies(read -> assertThat(read.text()).isEqualTo(state));
        }
    }

    @Test
    void refusesTheStateOfAnotherEncoding() {
        byte[] answer = "{\"state\":{}}".getBytes(StandardCharsets.UTF_16);

        AnswerReader.WindowAnswer read =
                AnswerReader.readWindow(new InvocationOutcome.Succeeded(Payload.of(answer)), false, false);

        assertThat(read)
                .isEqualTo(new AnswerReader.WindowAnswer(
                        new InvocationOutcome.MalformedAnswer("the answer is not in UTF-8"), null));
    }

    @Test
    void theFinalInvocationOfAWindowNeedsNoState() {
        assertThat(window("null", true, true).outcome()).isInstanceOf(InvocationOutcome.Succeeded.class);
        assertThat(window("x", true, true).outcome()).isInstanceOf(InvocationOutcome.MalformedAnswer.class);
    }

    @Test
    void aWindowsAnswerMayReportFailuresBesideItsState() {
        String answer = "{\"state\":{},\"batchItemFailures\":[{\"itemIdentifier\":\"7\"}]}";

        AnswerReader.WindowAnswer read = window(answer, true, false);

        assertThat(read.outcome()).isEqualTo(new InvocationOutcome.BatchItemFailures(List.of("7")));
        assertThat(read.state()).isNotNull();
        assertThat(window(answer, false, false).outcome())
                .as("not asked for")
                .isInstanceOf(InvocationOutcome.Succeeded.class);
    }

    @Test
    void anInvocationThatFailedHasNoState() {
        InvocationOutcome error = new InvocationOutcome.FunctionError("E", "m");

        assertThat(AnswerReader.readWindow(error, true, false)).isEqualTo(new AnswerReader.WindowAnswer(error, null));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
