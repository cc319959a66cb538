package dev.millrace.daemon.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** The gauges of the mappings that nodes share: whether this node follows them. */
public final class SharedGauges {

    private static final double MILLIS_PER_SECOND = 1_000;

    private SharedGauges() {}

    /**
     * Registers them for the life of the registry.
     *
     * @param lastRead when the definitions were read last; empty before the first time
     * @param notPolled how many of them are not polled here although they are there: wrong, overridden, or not to be opened
     */
    public static void register(
            MeterRegistry registry, InstantSource clock, Supplier<Optional<Instant>> lastRead, IntSupplier notPolled) {
        Gauge.builder("millrace.shared.mappings.read.age.seconds", () -> age(lastRead.get(), clock))
                .register(registry);
        Gauge.builder("millrace.shared.mappings.not.polled", notPolled::getAsInt)
                .register(registry);
    }

    private static double age(Optional<Instant> lastRead, InstantSource clock) {
        return lastRead.map(read -> Duration.between(read, clock.instant()).toMillis() / MILLIS_PER_SECOND)
                .orElse(Double.NaN);
    }
}
