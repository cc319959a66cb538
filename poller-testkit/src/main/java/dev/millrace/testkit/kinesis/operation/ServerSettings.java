package dev.millrace.testkit.kinesis.operation;

import java.time.Duration;

/**
 * How a server behaves where Kinesis has a number or a habit.
 *
 * @param iteratorLife how long a shard iterator can be used; 5 min on Kinesis
 * @param limited whether the limits of each shard hold: 5 GetRecords calls and 2 MiB a second, 5 GetShardIterator calls a second
 * @param endWithRecords whether the read that brings the last records of a closed shard also tells its end; otherwise the
 *     read after it does. Both happen on Kinesis
 * @param subscriptionLife how long a subscription lasts, in real time; 5 min on Kinesis
 * @param resubscribePause how long after a subscription has begun another one of the same consumer and shard is refused, in
 *     real time; 5 s on Kinesis
 * @param heartbeat how often a subscription without records brings an empty event, in real time
 */
public record ServerSettings(
        Duration iteratorLife,
        boolean limited,
        boolean endWithRecords,
        Duration subscriptionLife,
        Duration resubscribePause,
        Duration heartbeat) {

    /** Kinesis's numbers, without its limits. */
    public static final ServerSettings DEFAULT = new ServerSettings(
            Duration.ofMinutes(5), false, true, Duration.ofMinutes(5), Duration.ofSeconds(5), Duration.ofSeconds(1));

    public ServerSettings withIteratorLife(Duration time) {
        return new ServerSettings(time, limited, endWithRecords, subscriptionLife, resubscribePause, heartbeat);
    }

    public ServerSettings withLimits(boolean on) {
        return new ServerSettings(iteratorLife, on, endWithRecords, subscriptionLife, resubscribePause, heartbeat);
    }

    public ServerSettings withEndWithRecords(boolean on) {
        return new ServerSettings(iteratorLife, limited, on, subscriptionLife, resubscribePause, heartbeat);
    }

    public ServerSettings withSubscriptionLife(Duration time) {
        return new ServerSettings(iteratorLife, limited, endWithRecords, time, resubscribePause, heartbeat);
    }

    public ServerSettings withResubscribePause(Duration time) {
        return new ServerSettings(iteratorLife, limited, endWithRecords, subscriptionLife, time, heartbeat);
    }

    public ServerSettings withHeartbeat(Duration time) {
        return new ServerSettings(iteratorLife, limited, endWithRecords, subscriptionLife, resubscribePause, time);
    }
}
