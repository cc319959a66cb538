package dev.millrace.invoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorReportTest {

    private static ErrorReport read(String category, String body) {
        Map<String, String> headers = category.isEmpty() ? Map.of() : Map.of(ErrorReport.TYPE_HEADER, category);
        return ErrorReport.read(headers, body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Runtime.X | {\"errorType\":\"Mine\",\"errorMessage\":\"m\"} | Mine | m",
                "Runtime.X | {\"errorMessage\":\"m\"} | Runtime.X | m",
                "Runtime.X | `` | Runtime.X | ``",
                "`` | {\"errorMessage\":\"m\"} | Function.Unknown | m",
                "`` | {\"errorType\":\"Mine\"} | Mine | ``",
                "`` | {\"other\":1} | Function.Unknown | {\"other\":1}",
                "`` | [1] | Function.Unknown | [1]",
                "`` | plain text | Function.Unknown | plain text",
            })
    void findsTypeAndMessage(String category, String body, String type, String message) {
        assertThat(read(category, body)).isEqualTo(new ErrorReport(type, message));
    }

    @Test
    void boundsBoth() {
        ErrorReport report = read("t".repeat(10_000), "m".repeat(10_000));

        assertThat(report.errorType()).hasSizeLessThan(300).endsWith("...");
        assertThat(report.message()).hasSizeLessThan(2_100).endsWith("...");
    }
}
