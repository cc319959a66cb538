package dev.millrace.daemon.observe;

import dev.millrace.function.FunctionGate;
import dev.millrace.invoke.FunctionHealth;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Gauges of one function, and a log line whenever its circuit breaker changes. */
public final class FunctionWatch {

    private static final Logger LOG = LoggerFactory.getLogger("dev.millrace.function");

    private FunctionWatch() {}

    /** Begins to watch; ends with the gate and the registry. */
    public static void begin(FunctionGate gate, MeterRegistry registry) {
        gate.onHealthChange(() -> log(gate));
        Gauge.builder("millrace.function.concurrency", gate, FunctionGate::concurrency)
                .tag("function", gate.name())
                .register(registry);
        Gauge.builder("millrace.function.breaker.state", gate, one -> number(one.health()))
                .description("0 closed, 1 open, 2 half open")
                .tag("function", gate.name())
                .register(registry);
    }

    private static double number(FunctionHealth health) {
        return switch (health) {
            case AVAILABLE -> 0;
            case SUSPENDED -> 1;
            case PROBING -> 2;
        };
    }

    private static void log(FunctionGate gate) {
        FunctionHealth health = gate.health();
        LOG.atLevel(health == FunctionHealth.SUSPENDED ? Level.WARN : Level.INFO)
                .addKeyValue("function", gate.name())
                .log(
                        switch (health) {
                            case AVAILABLE -> "circuit breaker closed: the function answers again";
                            case SUSPENDED ->
                                "circuit breaker open: the function is unreachable or throttled all the time;"
                                        + " receiving pauses, messages stay in the queue";
                            case PROBING -> "circuit breaker half open: the next batch tries the function";
                        });
    }
}
