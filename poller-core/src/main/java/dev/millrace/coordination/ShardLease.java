package dev.millrace.coordination;

import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.source.StreamShard;
import java.util.List;

/** One shard that this node may process, until it gives the lease back or loses it. */
public interface ShardLease {

    String shardId();

    /**
     * Where to begin: what was stored last. Read when the shard is begun and again after its runner died of a defect.
     */
    ShardProgress load() throws StoreException, InterruptedException;

    /**
     * Returns while no other node can have taken the shard; called before each invocation. As a rule at once: it blocks when the
     * node was frozen, or cannot reach who decides, until that is cleared up, be it by {@link ShardRun#leaseLost()}.
     */
    void awaitCertainty() throws InterruptedException;

    /**
     * Stores how far the shard is processed; blocks until that would survive a crash.
     *
     * @throws LeaseLostException when another node processes the shard; nothing was stored
     */
    void save(ShardProgress progress) throws StoreException, LeaseLostException, InterruptedException;

    /**
     * Every record of the closed shard is settled, and that is stored. Called once, as the last thing; blocks until the
     * shard's end would survive a crash. Its children may start from here on.
     *
     * @param children as the source named them at the end of the shard; may be empty
     */
    void finished(ShardProgress progress, List<StreamShard> children)
            throws StoreException, LeaseLostException, InterruptedException;

    /** Nothing of the shard runs any more, for whatever reason. Called once, as the very last thing; does not block. */
    void ended();
}
