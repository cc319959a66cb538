package dev.millrace.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 0", "900, 900", "901, 900", "9000000000, 900"})
    void nobodyCanAskToBeLeftAloneForEver(long asked, long granted) {
        Duration retryAfter = Duration.ofSeconds(asked);

        assertThat(new InvocationOutcome.Throttled("limit", retryAfter).retryAfter())
                .isEqualTo(Duration.ofSeconds(granted));
        assertThat(new InvocationOutcome.Unavailable("down", retryAfter).retryAfter())
                .isEqualTo(Duration.ofSeconds(granted));
    }

    @Test
    void shortTextsStayAsTheyAre() {
        List<String> texts = List.of("", "x", "x".repeat(2_000));

        assertThat(texts.stream().map(text -> new InvocationOutcome.FunctionError("T", text).message()))
                .isEqualTo(texts);
    }
}
