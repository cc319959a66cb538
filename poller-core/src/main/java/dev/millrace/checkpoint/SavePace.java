package dev.millrace.checkpoint;

import java.time.Duration;

/**
 * How often a shard stores its progress while all goes well. After a crash, what was settled and not stored is processed again.
 *
 * @param interval between two saves at least, unless too much is unsaved; zero where saving costs next to nothing
 * @param unsavedPerLane settled batches per lane that may wait to be stored, 1 or more: the function waits before there are
 *     more, and half of them are stored at once
 */
public record SavePace(Duration interval, int unsavedPerLane) {

    /** For a store on this machine: a slow disk does not slow the function down, and a crash repeats little. */
    public static final SavePace LOCAL = new SavePace(Duration.ZERO, 4);

    /** As many as a fast function settles within a second or so. */
    private static final int UNSAVED_PER_LANE_WHERE_PAID = 64;

    /** For a store that is paid by the write. */
    public static SavePace paid(Duration interval) {
        return new SavePace(interval, UNSAVED_PER_LANE_WHERE_PAID);
    }
}
