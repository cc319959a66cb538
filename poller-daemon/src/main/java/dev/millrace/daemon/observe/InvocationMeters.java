package dev.millrace.daemon.observe;

import dev.millrace.invoke.InvocationOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What is measured of the invocations of a mapping, whatever its source. Safe for use by many threads. */
final class InvocationMeters {

    /** Upper bounds of the invocation duration's buckets: from a local function to Lambda's longest timeout. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50),
        Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1),
        Duration.ofMillis(2_500), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30),
        Duration.ofSeconds(60), Duration.ofSeconds(300), Duration.ofSeconds(900)
    };

    private enum Ending {
        SUCCESS,
        PARTIAL_FAILURE,
        FUNCTION_ERROR,
        THROTTLED,
        UNAVAILABLE,
        TOO_LARGE
    }

    private final Counter invoked;
    private final Counter failedInvoke;
    private final Map<Ending, Timer> durations = new EnumMap<>(Ending.class);

    InvocationMeters(Tags tags, MeterRegistry registry) {
        invoked = registry.counter("millrace.invoked.event.count", tags);
        failedInvoke = registry.counter("millrace.failed.invoke.event.count", tags);
        for (Ending ending : Ending.values()) {
            durations.put(
                    ending,
                    Timer.builder("millrace.invocation.duration")
                            .tags(tags.and("outcome", CountersBy.spelt(ending)))
                            .serviceLevelObjectives(BUCKETS)
                            .register(registry));
        }
    }

    /** An invocation begins, whether it is the first one of its records or not. */
    void begun(int records) {
        invoked.increment(records);
    }

    void ended(int records, InvocationOutcome outcome, Duration duration) {
        Ending ending = ending(outcome);
        Objects.requireNonNull(durations.get(ending), () -> "no timer for " + ending)
                .record(duration);
        // With partial responses every record of the invocation counts, also those that succeeded (spec 8.1).
        if (ending != Ending.SUCCESS && ending != Ending.THROTTLED) {
            failedInvoke.increment(records);
        }
    }

    private static Ending ending(InvocationOutcome outcome) {
        return switch (outcome) {
            case InvocationOutcome.Succeeded _ -> Ending.SUCCESS;
            case InvocationOutcome.BatchItemFailures _ -> Ending.PARTIAL_FAILURE;
            // The glossary's word for both.
            case InvocationOutcome.MalformedAnswer _, InvocationOutcome.FunctionError _ -> Ending.FUNCTION_ERROR;
            case InvocationOutcome.Throttled _ -> Ending.THROTTLED;
            case InvocationOutcome.Unavailable _ -> Ending.UNAVAILABLE;
            case InvocationOutcome.TooLarge _ -> Ending.TOO_LARGE;
        };
    }
}
