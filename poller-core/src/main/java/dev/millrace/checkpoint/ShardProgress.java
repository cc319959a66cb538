package dev.millrace.checkpoint;

import dev.millrace.source.ReadPosition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of one shard.
 *
 * @param start where the shard begins as long as the checkpoint has no position; pinned when the mapping was created
 * @param checkpoint how far it is processed
 * @param window the open tumbling window; null when there is none
 * @param finished true when the shard is closed and all of its records are settled, so that its children may start
 */
public record ShardProgress(
        ReadPosition start,
        ShardCheckpoint checkpoint,
        @Nullable WindowProgress window,
        boolean finished) {

    /** A shard of which nothing is processed. */
    public static ShardProgress startingAt(ReadPosition start) {
        return new ShardProgress(start, ShardCheckpoint.NONE, null, false);
    }

    /**
     * A shard of which nothing is processed, and of which nothing that arrived before this time is to be processed: if it
     * is not read for longer than the stream keeps records, a gap is noticed from here on.
     */
    public static ShardProgress startingAt(ReadPosition start, Instant upTo) {
        return new ShardProgress(start, new ShardCheckpoint(null, upTo, List.of()), null, false);
    }

    /**
     * A shard of which nothing is to be processed: it was closed before a mapping that starts at LATEST was created.
     *
     * @param created when the mapping was; all of the shard's records arrived before
     */
    public static ShardProgress skipped(Instant created) {
        return new ShardProgress(
                new ReadPosition.TrimHorizon(), new ShardCheckpoint(null, created, List.of()), null, true);
    }

    /** Where the next record is read. */
    public ReadPosition readFrom() {
        return checkpoint.position() == null ? start : new ReadPosition.After(checkpoint.position());
    }
}
