package dev.millrace.aws.stream;

import dev.millrace.source.SourceException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import software.amazon.awssdk.core.SdkResponse;

/**
 * The time as a service tells it with its answers, in whole seconds. Services have no name for the tip of a shard that could
 * be stored, so their time stands for it (ADR 0016). The local clock is not asked, since it may be wrong.
 */
public final class ServiceTime {

    private ServiceTime() {}

    /** A call that is made now. */
    @FunctionalInterface
    public interface Call {
        SdkResponse make() throws SourceException, InterruptedException;
    }

    /**
     * A time of the service's at which the call had not been made, by a second at most and the time that the answer took: what
     * arrives during it is behind this time. The local clock's where the service tells none.
     */
    public static Instant before(Call call) throws SourceException, InterruptedException {
        long start = System.nanoTime();
        SdkResponse answer = call.make();
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        return told(answer).minus(elapsed).truncatedTo(ChronoUnit.MILLIS);
    }

    private static Instant told(SdkResponse answer) {
        return Optional.ofNullable(answer.sdkHttpResponse())
                .flatMap(http -> http.firstMatchingHeader("Date"))
                .flatMap(ServiceTime::parsed)
                .orElseGet(Instant::now);
    }

    private static Optional<Instant> parsed(String date) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
