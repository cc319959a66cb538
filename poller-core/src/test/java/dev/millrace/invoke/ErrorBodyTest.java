package dev.millrace.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.InvocationOutcome.FunctionError;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ErrorBodyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Python, Node.js, Java, and a Java exception without a message
                "{\"errorMessage\":\"m\",\"errorType\":\"T\",\"requestId\":\"r\",\"stackTrace\":[\"a\"]} | T | m",
                "{\"errorType\":\"T\",\"errorMessage\":\"m\",\"trace\":[\"a\"]} | T | m",
                "{\"errorType\":\"T\",\"errorMessage\":\"m\",\"stackTrace\":[],\"cause\":{\"errorType\":\"C\"}} | T |"
                        + " m",
                "{\"errorType\":\"T\",\"errorMessage\":null,\"stackTrace\":[]} | T | ''",
                "{\"errorType\":\"T\",\"stackTrace\":[]} | T | ''"
            })
    void detectsTheErrorsOfLambdasRuntimes(String body, String type, String message) {
        assertThat(ErrorBody.detect(bytes(body))).contains(new FunctionError(type, message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "\"errorType\"",
                "[{\"errorType\":\"T\",\"errorMessage\":\"m\"}]",
                "{\"errorType\":\"T\"}",
                "{\"errorMessage\":\"m\"}",
                "{\"errorType\":7,\"errorMessage\":\"m\"}",
                "{\"nested\":{\"errorType\":\"T\",\"errorMessage\":\"m\"}}",
                "{\"batchItemFailures\":[],\"errorType\":\"T\",\"errorMessage\":\"m\"}",
                "{\"errorType\":\"T\",\"errorMessage\":\"m\"",
                "not JSON"
            })
    void takesOtherAnswersForWhatTheyAre(String body) {
        assertThat(ErrorBody.detect(bytes(body))).isEmpty();
    }

    @Test
    void aReportedErrorIsOneWhateverItsForm() {
        assertThat(ErrorBody.functionError(bytes("{\"errorMessage\":\"m\"}"), "Unhandled"))
                .isEqualTo(new FunctionError("Unhandled", "m"));
        assertThat(ErrorBody.functionError(bytes("plain\n text"), "Unhandled"))
                .isEqualTo(new FunctionError("Unhandled", "plain text"));
        assertThat(ErrorBody.functionError(bytes(""), "Unhandled")).isEqualTo(new FunctionError("Unhandled", ""));
        assertThat(ErrorBody.functionError(bytes("[1]"), "Handled")).isEqualTo(new FunctionError("Handled", "[1]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Runtime.X | {\"errorType\":\"Mine\",\"errorMessage\":\"m\"} | Mine | m",
                "Runtime.X | {\"errorType\":\" \",\"errorMessage\":\"m\"} | Runtime.X | m",
                "Runtime.X | {\"errorMessage\":\"m\"} | Runtime.X | m",
                "Runtime.X | `` | Runtime.X | ``",
                "Unhandled | {\"errorType\":\"Mine\"} | Mine | ``",
                "Unhandled | {\"other\":1} | Unhandled | {\"other\":1}",
                "Unhandled | plain text | Unhandled | plain text",
            })
    void theFunctionsOwnNameOfTheErrorWins(String fallback, String body, String type, String message) {
        assertThat(ErrorBody.functionError(bytes(body), fallback)).isEqualTo(new FunctionError(type, message));
    }

    @Test
    void bytesThatOnlyLookLikeATextAreNoDefect() {
        byte[] body = {0, 0, 0, '{', 0x7f, 0x7f, 0x7f, 0x7f};

        assertThat(ErrorBody.detect(body)).isEmpty();
        assertThat(ErrorBody.functionError(body, "Unhandled").errorType()).isEqualTo("Unhandled");
    }

    @Test
    void aTimeoutIsOneWithAndWithoutItsType() {
        String text = "2026-01-01T00:00:00.000Z 5d1f Task timed out after 3.00 seconds";

        assertThat(ErrorBody.functionError(bytes("{\"errorMessage\":\"" + text + "\"}"), "Unhandled"))
                .isEqualTo(new FunctionError("Sandbox.Timedout", text));
        assertThat(ErrorBody.functionError(
                        bytes("{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"" + text + "\"}"), "Unhandled"))
                .isEqualTo(new FunctionError("Sandbox.Timedout", text));
    }

    @Test
    void typeAndMessageAreBounded() {
        String body = "{\"errorType\":\"" + "t".repeat(5_000) + "\",\"errorMessage\":\"" + "😀".repeat(5_000) + "\"}";

        FunctionError error = ErrorBody.functionError(bytes(body), "Unhandled");

        assertThat(error.errorType()).hasSize(200).endsWith("t…");
        assertThat(error.message()).hasSizeLessThanOrEqualTo(2_000).endsWith("😀…");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
