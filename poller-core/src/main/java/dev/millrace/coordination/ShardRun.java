package dev.millrace.coordination;

import java.time.Duration;
import java.time.Instant;

/** One shard while it is processed. Safe for use by many threads. */
public interface ShardRun {

    /** Stop reading, let invocations in flight finish until the deadline, save, and end. Returns at once. */
    void stop(Instant deadline);

    /** End at once and save nothing: another node processes the shard, or its stream is no more. Returns at once. */
    void leaseLost();

    /** The source does not list the shard any more. When it cannot be read either, what was read is all that will come. */
    void shardGone();

    /** Waits until nothing of the shard runs any more; false when it still did by then. */
    boolean awaitEnd(Duration time) throws InterruptedException;
}
