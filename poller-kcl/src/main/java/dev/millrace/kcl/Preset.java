package dev.millrace.kcl;

import java.time.Duration;

/** How fast nodes notice each other, which is paid for in DynamoDB calls: each lease is written every third of the failover time. */
enum Preset {
    /** Takes over within seconds. */
    FAST,

    /** For about a quarter of the calls, or less. */
    THRIFTY;

    /** A lease that was not renewed for this long may be taken. */
    Duration failover() {
        return millis(3_000, 10_000);
    }

    /** How often each node says that it is there. The library counts in whole seconds. */
    Duration report() {
        return millis(1_000, 5_000);
    }

    /** Between two rounds in which the leader hands out leases. */
    Duration assignment() {
        return millis(500, 5_000);
    }

    /** How long the leader's lock lasts when it dies. */
    Duration leader() {
        return millis(3_000, 15_000);
    }

    /** How often the leader renews it. */
    Duration heartbeat() {
        return millis(500, 5_000);
    }

    /** How often the library looks at what it has to do for each shard. */
    Duration dispatch() {
        return millis(100, 1_000);
    }

    /** How often a node looks at what others have stored, besides when it has finished a shard itself. */
    Duration look() {
        return millis(20_000, 60_000);
    }

    private Duration millis(long fast, long thrifty) {
        return Duration.ofMillis(this == FAST ? fast : thrifty);
    }
}
