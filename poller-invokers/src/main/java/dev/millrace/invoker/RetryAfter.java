package dev.millrace.invoker;

import dev.millrace.invoke.InvocationOutcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Reads the {@code Retry-After} header (RFC 9110, 10.2.3): whole seconds, or an HTTP date. */
public final class RetryAfter {

    /** Digits of a number of seconds that certainly fits; more are above the bound anyway. */
    private static final int MOST_DIGITS = 9;

    private RetryAfter() {}

    /** The wait asked for, which outcomes bound; zero when there is no header or it makes no sense. */
    public static Duration parse(@Nullable String header, Instant now) {
        String text = header == null ? "" : header.strip();
        if (text.isEmpty()) {
            return Duration.ZERO;
        }
        return text.chars().allMatch(c -> c >= '0' && c <= '9') ? seconds(text) : untilDate(text, now);
    }

    private static Duration seconds(String digits) {
        return digits.length() > MOST_DIGITS
                ? InvocationOutcome.LONGEST_RETRY_AFTER
                : Duration.ofSeconds(Long.parseLong(digits));
    }

    private static Duration untilDate(String date, Instant now) {
        try {
            return Duration.between(
                    now,
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }
}
