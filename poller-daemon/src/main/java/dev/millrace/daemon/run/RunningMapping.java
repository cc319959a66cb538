package dev.millrace.daemon.run;

import dev.millrace.daemon.api.StatusContent;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** One enabled mapping with its poller, source, log and metrics. */
interface RunningMapping extends AutoCloseable {

    /**
     * A mapping's share of what the daemon has.
     *
     * @param bytes serialised bytes that this one may hold, unless it has a bound of its own
     */
    record Shared(long bytes, Meters meters) {

        MeterRegistry registry() {
            return meters.registry();
        }

        InstantSource clock() {
            return meters.clock();
        }
    }

    /** Where a daemon counts, and by which clock. */
    record Meters(MeterRegistry registry, InstantSource clock) {}

    /** The mapping as the HTTP server shows it. */
    StatusContent.Polled polled();

    void start();

    /** Asks the mapping to read no more and to finish by the deadline. Returns at once. */
    void stop(Instant deadline);

    /** Waits until the mapping has ended; false when it has not by then. */
    boolean awaitEnd(Duration time) throws InterruptedException;

    void refreshGauges();

    /** Ends the poller at once if it still runs, and closes the source; gauges are refreshed no more. */
    @Override
    void close();
}
