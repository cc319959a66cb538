package dev.millrace.kcl;

import java.time.Duration;

/**
 * How fast nodes notice each other, which is paid for in DynamoDB calls: each lease is written every third of the failover
 * time, each node and mapping adds about two calls a second at {@link #FAST} and one in five seconds at {@link #THRIFTY}.
 *
 * @param failover a lease that was not renewed for this long may be taken
 * @param assignment between two rounds in which the leader hands out leases
 * @param leader how long the leader's lock lasts when it dies
 * @param heartbeat how often the leader renews it
 * @param dispatch how often the library looks at what it has to do for each shard
 * @param look how often a node looks at what others have stored, besides when it has finished a shard itself
 */
record LeaseTiming(
        Duration failover, Duration assignment, Duration leader, Duration heartbeat, Duration dispatch, Duration look) {

    /** Takes over within seconds. */
    static final LeaseTiming FAST = new LeaseTiming(
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            Duration.ofSeconds(20));

    /** About a third of the calls, and takes over within half a minute. */
    static final LeaseTiming THRIFTY = new LeaseTiming(
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60));
}
