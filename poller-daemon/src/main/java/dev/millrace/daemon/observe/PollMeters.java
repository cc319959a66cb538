package dev.millrace.daemon.observe;

import dev.millrace.source.SourceProblem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** What is measured of the polling of a mapping, whatever its source. Safe for use by many threads. */
final class PollMeters {

    private final Counter polled;
    private final Counter filteredOut;
    private final CountersBy<SourceProblem.Kind> errors;
    private final Counter crashes;

    PollMeters(Tags tags, MeterRegistry registry) {
        polled = registry.counter("millrace.polled.event.count", tags);
        filteredOut = registry.counter("millrace.filtered.out.event.count", tags);
        errors = new CountersBy<>(
                SourceProblem.Kind.class, "kind", tags, labels -> registry.counter("millrace.source.errors", labels));
        crashes = registry.counter("millrace.mapping.crashes", tags);
    }

    /**
     * Records have come.
     *
     * @param unmatched how many of them the filters refuse
     */
    void polled(int records, int unmatched) {
        polled.increment(records);
        filteredOut.increment(unmatched);
    }

    /** A call to the source failed. */
    void failed(SourceProblem problem) {
        errors.increment(problem.kind(), 1);
    }

    /** A defect stopped what polls. */
    void crashed() {
        crashes.increment();
    }
}
