package dev.millrace.daemon.config;

import java.time.Duration;

/**
 * When a function that cannot be reached is left alone for a while.
 *
 * @param enabled false invokes whatever happens
 * @param failureRateThreshold per cent of unreachable or throttled invocations that opens the breaker, 1 to 100
 * @param slidingWindowSize invocations the rate is counted over, 1 to 10,000
 * @param minimumNumberOfCalls invocations before the rate counts at all, 1 to the window's size
 * @param open how long the breaker stays open the first time, 0.1 s to 1 h
 * @param maximumOpen bound of that time, which doubles with every failed probe; at least {@code open}, at most 1 h
 */
public record BreakerSettings(
        boolean enabled,
        double failureRateThreshold,
        int slidingWindowSize,
        int minimumNumberOfCalls,
        Duration open,
        Duration maximumOpen) {
    public static final BreakerSettings DEFAULT =
            new BreakerSettings(true, 50, 20, 10, Duration.ofSeconds(5), Duration.ofMinutes(1));
}
