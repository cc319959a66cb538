package dev.millrace.invoker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.InvocationOutcome.Throttled;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryAfterTest {

    private static final Instant NOW = Instant.parse("1994-11-06T08:49:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0                             | 0",
                "120                           | 120",
                "' 3 '                         | 3",
                "901                           | 900",
                "99999999999999999999999       | 900",
                "-1                            | 0",
                "1.5                           | 0",
                "soon                          | 0",
                "''                            | 0",
                "Sun, 06 Nov 1994 08:49:37 GMT | 37",
                "Sun, 06 Nov 1994 08:48:37 GMT | 0",
                "Sun, 06 Nov 2094 08:48:37 GMT | 0",
                "Mon, 07 Nov 1994 08:49:37 GMT | 900"
            })
    void readsSecondsAndDatesWithinBounds(String header, int seconds) {
        assertThat(new Throttled("limit", RetryAfter.parse(header, NOW)).retryAfter())
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void isZeroWithoutAHeader() {
        assertThat(RetryAfter.parse(null, NOW)).isZero();
    }
}
