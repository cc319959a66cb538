package dev.millrace.coordination;

import dev.millrace.checkpoint.StoreException;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says on which node each shard of one mapping is processed. The coordinator tells it which shards may be; it tells the
 * coordinator of each node which of them are that node's. Calls come from the coordinator's thread, one at a time, unless said
 * otherwise.
 */
public interface Placement extends AutoCloseable {

    /** How often the coordinator should look at the stream and at what other nodes have stored. */
    Duration lookEvery();

    /** Whether other nodes store progress too, so that what was loaded once does not hold. */
    boolean isShared();

    /**
     * The stream and its starting points are known: shards may be assigned from now on. Called once, and again after {@link
     * #replaced}.
     *
     * @param created when the mapping was created: another time means another set of shards, maybe with the same ids
     */
    void begin(Instant created, Assignments assignments) throws StoreException, InterruptedException;

    /**
     * These shards may begin, wherever. Called at each look and after a shard has ended, with all that are not finished and do
     * not run here, also when there is none.
     */
    void offer(Collection<StreamShard> ready) throws StoreException, InterruptedException;

    /** The stream was created anew: nothing that was offered before means anything. */
    void replaced();

    /**
     * These shards are finished, and soon nobody will remember that: they must not be assigned any more from when this returns.
     * Called for the same ones again if it fails.
     */
    void forget(Set<String> shardIds) throws StoreException, InterruptedException;

    /** Who processes which shard, of those that somebody does; for people. Called from any thread; does not block. */
    Map<String, Owner> owners();

    /** Assign no more, and let go of each shard as it ends. Returns at once. Called from any thread. */
    void stop(Instant deadline);

    /** Waits until nothing of it runs any more; false when it still did by then. Called from any thread. */
    boolean awaitEnd(Duration time) throws InterruptedException;

    /** Ends at once. Called from any thread. */
    @Override
    void close();

    /**
     * Who processes a shard.
     *
     * @param node as it calls itself
     * @param since when it got the shard, if it is this node; of another one when this node saw it first
     * @param handingOverTo the node that waits for it to let go, or that there is one when it is not known which; null when none does
     */
    record Owner(String node, Instant since, @Nullable String handingOverTo) {}

    /** Where a placement says what this node has to process. Thread-safe. */
    interface Assignments {

        /** The shard is this node's. Returns at once; it begins soon, unless it is taken away before. */
        void assign(Hold hold);
    }

    /** One shard as long as this node has it. Called from any thread. */
    interface Hold {

        String shardId();

        /** Whether the shard is this node's still, as far as is known. */
        boolean stands();

        /**
         * Whether no other node can have taken the shard. Asked before the shard is claimed in the store, which takes it away from
         * whoever has it. Does not block.
         */
        boolean isCertain();

        /**
         * Returns while {@link #isCertain}; called before each invocation. As a rule at once: it blocks when the node was frozen, or cannot reach who decides, until that is cleared up, be it by {@link ShardRun#leaseLost()}.
         */
        void awaitCertainty() throws InterruptedException;

        /**
         * The shard runs: what it is to be told goes there. Called once each time that it was assigned, before anything else but
         * {@link #stands}, or never when it is not wanted any more. Does not block.
         */
        void runs(ShardRun run);

        /** Every record of the closed shard is settled, and that is stored. */
        void finished();

        /**
         * Nothing of the shard runs any more, or nothing will: it is not wanted here. Called once each time that it was assigned,
         * as the last call; it may be assigned again from here. Does not block.
         */
        void ended();
    }
}
