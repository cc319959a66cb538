package dev.millrace.runner;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Placement.Hold;
import dev.millrace.coordination.ShardRun;
import dev.millrace.source.StreamShard;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One shard that this node may process, until it gives the lease back or loses it: where it begins, and what is stored of it. */
final class ShardLease {

    private final Hold hold;
    private final Terms terms;
    private final Instant created;
    private final ShardProgress start;

    /**
     * What the leases of a mapping have in common.
     *
     * @param mapping whose shards these are
     * @param shared whether other nodes store progress, too
     * @param ends told of the end of each
     */
    record Terms(UUID mapping, CheckpointStore store, boolean shared, Ends ends) {}

    /** Who is told that a shard ends. Called from the shard's threads; returns at once. */
    interface Ends {

        /**
         * Every record of the closed shard is settled, and that is stored.
         *
         * @param children as the source named them at the end of the shard; may be empty
         */
        void finished(String shardId, ShardProgress progress, List<StreamShard> children);

        /** Nothing of the shard runs any more, for whatever reason. */
        void ended(String shardId);
    }

    /**
     * A lease that stands as long as the hold does.
     *
     * @param created when the mapping was created of which this is a shard
     * @param start where it begins if nothing is stored of it but that it begins; null for its oldest record
     */
    ShardLease(Hold hold, Terms terms, Instant created, @Nullable ShardProgress start) {
        this.hold = hold;
        this.terms = terms;
        this.created = created;
        this.start = start == null ? StartingPoints.OLDEST : start;
    }

    String shardId() {
        return hold.shardId();
    }

    /** The shard begins: what it is to be told goes there. Called once, as the first thing; does not block. */
    void runs(ShardRun run) {
        hold.runs(run);
    }

    /**
     * Where to begin: what was stored last. Called when the shard is begun and again after its runner died of a defect; from
     * here on no other node can store anything of the shard.
     */
    ShardProgress load() throws StoreException, InterruptedException {
        Optional<ShardProgress> stored = terms.store().claim(terms.mapping(), shardId(), created);
        if (stored.isEmpty() && terms.shared()) {
            tellOthers();
        }
        return stored.filter(one -> !one.equals(StartingPoints.OLDEST)).orElse(start);
    }

    /** A shard of which nothing is stored would count as done with on nodes whose listing has forgotten it. */
    private void tellOthers() throws StoreException, InterruptedException {
        try {
            save(start);
        } catch (LeaseLostException e) {
            throw new StoreException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether no other node can have taken the shard: only then may it be loaded. */
    boolean isCertain() {
        return hold.isCertain();
    }

    /** Returns while no other node can have taken the shard; called before each invocation, see {@link Hold#awaitCertainty()}. */
    void awaitCertainty() throws InterruptedException {
        hold.awaitCertainty();
    }

    /**
     * Stores how far the shard is processed; blocks until that would survive a crash.
     *
     * @throws LeaseLostException when another node processes the shard; nothing was stored
     */
    void save(ShardProgress progress) throws StoreException, LeaseLostException, InterruptedException {
        terms.store().save(terms.mapping(), shardId(), progress);
    }

    /**
     * Every record of the closed shard is settled. Called as the last thing, again if it fails; blocks until that would survive a
     * crash. The shard's children may start from here on.
     *
     * @param children as the source named them at the end of the shard; may be empty
     */
    void finished(ShardProgress progress, List<StreamShard> children)
            throws StoreException, LeaseLostException, InterruptedException {
        save(progress);
        hold.finished();
        terms.ends().finished(shardId(), progress, children);
    }

    /** Nothing of the shard runs any more, for whatever reason. Called once, as the very last thing; does not block. */
    void ended() {
        hold.ended();
        terms.ends().ended(shardId());
    }
}
