package dev.millrace.function;

import java.time.Duration;

/**
 * When a function counts as down. Unreachable and throttled invocations are failures; function errors are not, since the
 * function ran.
 *
 * @param enabled false lets every invocation through
 * @param failureRateThreshold per cent of failures, above 0 to 100, from which the breaker opens
 * @param slidingWindowSize how many of the last invocations count
 * @param minimumNumberOfCalls no decision before this many
 * @param open how long to leave the function alone at first; doubles while probes fail
 * @param maximumOpen bound of that doubling
 */
public record BreakerSettings(
        boolean enabled,
        double failureRateThreshold,
        int slidingWindowSize,
        int minimumNumberOfCalls,
        Duration open,
        Duration maximumOpen) {

    public static final BreakerSettings DEFAULT =
            new BreakerSettings(true, 90, 20, 5, Duration.ofSeconds(1), Duration.ofSeconds(30));
}
