package dev.millrace.invoker.process;

import java.time.Duration;
import java.time.Instant;

/**
 * Decides when another process may be started, so that a command that fails to start is not forked in a tight loop. After
 * a failed start it waits, twice as long each time, and then lets a single start probe. Not thread-safe.
 */
final class StartGate {

    static final Duration FIRST_WAIT = Duration.ofMillis(500);
    static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private Duration nextWait = FIRST_WAIT;
    private Instant closedUntil = Instant.MIN;
    private String lastFailure = "";

    /** How long to wait before a start makes sense; zero when one may be made at once. */
    Duration closedFor(Instant now) {
        return now.isBefore(closedUntil) ? Duration.between(now, closedUntil) : Duration.ZERO;
    }

    /** Whether the last start failed, so that only one more may be tried at a time. */
    boolean probing() {
        return !lastFailure.isEmpty();
    }

    /** Why the last start failed; empty when it did not. */
    String lastFailure() {
        return lastFailure;
    }

    /** A start has failed. Failures of starts made before the gate closed count once. */
    void failed(String why, Instant now) {
        lastFailure = why;
        if (now.isBefore(closedUntil)) {
            return;
        }
        closedUntil = now.plus(nextWait);
        Duration doubled = nextWait.multipliedBy(2);
        nextWait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
    }

    /** A process has started and asked for its first event. */
    void succeeded() {
        nextWait = FIRST_WAIT;
        closedUntil = Instant.MIN;
        lastFailure = "";
    }
}
