package dev.millrace.stream;

import dev.millrace.source.StreamRecord;

/**
 * How much more a shard may hold in memory: a number of records, and its share of the mapping's bytes. Owned by the shard's
 * machine.
 */
final class Room {

    private final int maximumRecords;
    private final CheckpointTracker tracker;

    private long maximumBytes;
    private long heldBytes;

    /** {@code tracker} counts the records. No bytes may be held before {@link #mayHold}. */
    Room(int maximumRecords, CheckpointTracker tracker) {
        this.maximumRecords = maximumRecords;
        this.tracker = tracker;
    }

    /** The shard's share of the bytes. */
    void mayHold(long bytes) {
        maximumBytes = bytes;
    }

    void take(StreamRecord record) {
        heldBytes += record.json().size();
    }

    void giveBack(StreamRecord record) {
        heldBytes -= record.json().size();
    }

    /** Whether more records may be read: one read however large, when none are held. */
    boolean isLeft() {
        return records() > 0 && (bytes() > 0 || tracker.held() == 0);
    }

    /** Whether no more than a quarter of the records is held that may be. */
    boolean isMostlyFree() {
        return tracker.held() <= maximumRecords / 4;
    }

    /** How many more records may be held. */
    int records() {
        return maximumRecords - tracker.held();
    }

    /** How many more bytes; less than zero where the last read brought more than was expected. */
    long bytes() {
        return maximumBytes - heldBytes;
    }

    long heldBytes() {
        return heldBytes;
    }
}
