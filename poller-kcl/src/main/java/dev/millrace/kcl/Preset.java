package dev.millrace.kcl;

import java.time.Duration;

/** How fast nodes notice each other, which is paid for in DynamoDB calls: each lease is written every third of the failover time. */
enum Preset {
    /** Takes over within seconds. */
    FAST(3_000, 1_000, 500, 3_000, 500, 100, 20_000),

    /** For about a quarter of the calls, or less. */
    THRIFTY(10_000, 5_000, 5_000, 15_000, 5_000, 1_000, 60_000);

    private final long failover;
    private final long report;
    private final long assignment;
    private final long leader;
    private final long heartbeat;
    private final long dispatch;
    private final long look;

    Preset(long failover, long report, long assignment, long leader, long heartbeat, long dispatch, long look) {
        this.failover = failover;
        this.report = report;
        this.assignment = assignment;
        this.leader = leader;
        this.heartbeat = heartbeat;
        this.dispatch = dispatch;
        this.look = look;
    }

    /** A lease that was not renewed for this long may be taken. */
    Duration failover() {
        return Duration.ofMillis(failover);
    }

    /** How often each node says that it is there. The library counts in whole seconds. */
    Duration report() {
        return Duration.ofMillis(report);
    }

    /** Between two rounds in which the leader hands out leases. */
    Duration assignment() {
        return Duration.ofMillis(assignment);
    }

    /** How long the leader's lock lasts when it dies. */
    Duration leader() {
        return Duration.ofMillis(leader);
    }

    /** How often the leader renews it. */
    Duration heartbeat() {
        return Duration.ofMillis(heartbeat);
    }

    /** How often the library looks at what it has to do for each shard. */
    Duration dispatch() {
        return Duration.ofMillis(dispatch);
    }

    /** How often a node looks at what others have stored, besides when it has finished a shard itself. */
    Duration look() {
        return Duration.ofMillis(look);
    }
}
