package dev.millrace.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InvocationOutcomeTest {

    private static final String LONG = "x".repeat(100_000);

    @Test
    void noTextIsLongerThanALineOfTheLog() {
        var error = new InvocationOutcome.FunctionError(LONG, LONG);

        assertThat(error.errorType()).hasSize(200).endsWith("x…");
        assertThat(Stream.of(
                        error.message(),
                        new InvocationOutcome.Throttled(LONG, Duration.ZERO).reason(),
                        new InvocationOutcome.Unavailable(LONG, Duration.ZERO).reason(),
                        new InvocationOutcome.TooLarge(LONG).reason()))
                .allSatisfy(text -> assertThat(text).hasSize(2_000).endsWith("x…"));
    }

    @Test
    void shortTextsStayAsTheyAre() {
        List<String> texts = List.of("", "x", "x".repeat(2_000));

        assertThat(texts.stream().map(text -> new InvocationOutcome.FunctionError("T", text).message()))
                .isEqualTo(texts);
    }
}
