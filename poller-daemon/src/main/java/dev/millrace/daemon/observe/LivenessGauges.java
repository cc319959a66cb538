package dev.millrace.daemon.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** The two gauges that tell of any mapping whether it does its work. */
final class LivenessGauges {

    private volatile boolean alive = true;
    private volatile boolean running;

    LivenessGauges(Tags tags, MeterRegistry registry) {
        Gauge.builder("millrace.mapping.alive", this, gauges -> gauges.alive ? 1 : 0)
                .tags(tags)
                .register(registry);
        Gauge.builder("millrace.mapping.running", this, gauges -> gauges.running ? 1 : 0)
                .tags(tags)
                .register(registry);
    }

    void update(boolean isAlive, boolean isRunning) {
        alive = isAlive;
        running = isRunning;
    }
}
