package dev.millrace.stream;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something that does not work for a while, and whether that is worth a report. */
final class Outage {

    private static final Duration REPORT_EVERY = Duration.ofMinutes(1);

    private @Nullable Object kind;
    private Instant nextReport = Instant.MIN;

    /** It failed; answers whether to report it: when it begins, when its kind changes, and once a minute. */
    boolean failed(Object failure, Instant now) {
        boolean report = !failure.equals(kind) || !now.isBefore(nextReport);
        kind = failure;
        if (report) {
            nextReport = now.plus(REPORT_EVERY);
        }
        return report;
    }

    /** It works; answers whether it did not before. */
    boolean worked() {
        boolean over = kind != null;
        kind = null;
        return over;
    }
}
