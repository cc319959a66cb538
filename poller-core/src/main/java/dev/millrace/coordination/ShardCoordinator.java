package dev.millrace.coordination;

import java.time.Duration;
import java.time.Instant;

/**
 * Says which shards of one mapping this node processes, parents before their children: all of them on one node, those
 * whose leases it holds among many.
 */
public interface ShardCoordinator extends AutoCloseable {

    /** Begins to give shards to the host, from its own threads. Returns at once. */
    void start(ShardHost host);

    /** Stops every shard and gives out no more. Returns at once. */
    void stop(Instant deadline);

    /** Waits until every shard has ended; false when one still ran by then. */
    boolean awaitEnd(Duration time) throws InterruptedException;

    /** Whether it is at work, or has ended as asked: its loop has turned lately. */
    boolean alive();

    /** What it knows of the stream at this moment. Called from any thread; does not block. */
    Coordination coordination();

    /** Ends everything at once. */
    @Override
    void close();
}
