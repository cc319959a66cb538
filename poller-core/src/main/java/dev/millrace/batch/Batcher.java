package dev.millrace.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Collects records until {@code BatchSize}, the payload limit or the batching window closes the batch (spec 2.1, 2.2). A
 * record that no longer fits closes the batch without it and opens the next one. Owned by one machine.
 */
public final class Batcher<R> {

    private final int maximumRecords;
    private final Duration window;
    private final ToLongFunction<R> serialisedSize;

    private List<R> records = new ArrayList<>();
    private long bytes = RecordsEvent.FRAME_BYTES;
    private @Nullable Instant deadline;

    /**
     * @param maximumRecords {@code BatchSize}
     * @param window from the first record of a batch; zero leaves the closing to the caller
     * @param serialisedSize bytes of one record in the event
     */
    public Batcher(int maximumRecords, Duration window, ToLongFunction<R> serialisedSize) {
        this.maximumRecords = maximumRecords;
        this.window = window;
        this.serialisedSize = serialisedSize;
    }

    /** Whether the record can be delivered at all, be it alone in its batch. */
    public boolean fits(R record) {
        return RecordsEvent.FRAME_BYTES + serialisedSize.applyAsLong(record) <= RecordsEvent.MAXIMUM_BYTES;
    }

    /**
     * Adds a record that {@link #fits}.
     *
     * @return the batch that this record has closed: the one before it, when it did not fit in there any more, or the one
     *     it completes
     */
    public Optional<List<R>> add(R record, Instant now) {
        long size = serialisedSize.applyAsLong(record);
        Optional<List<R>> closed = bytes + separator() + size > RecordsEvent.MAXIMUM_BYTES ? close() : Optional.empty();
        if (records.isEmpty()) {
            deadline = now.plus(window);
        }
        bytes += separator() + size;
        records.add(record);
        // Invariant: after a close for bytes the batch holds one record, so it is full only if every batch is of one
        // record, and then there was nothing to close.
        return records.size() == maximumRecords ? close() : closed;
    }

    private long separator() {
        return records.isEmpty() ? 0 : RecordsEvent.SEPARATOR_BYTES;
    }

    /** Closes the batch now, whatever it holds; empty when it holds nothing. */
    public Optional<List<R>> close() {
        if (records.isEmpty()) {
            return Optional.empty();
        }
        List<R> closed = records;
        records = new ArrayList<>();
        bytes = RecordsEvent.FRAME_BYTES;
        deadline = null;
        return Optional.of(closed);
    }

    /** Closes the batch when its window has ended. */
    public Optional<List<R>> closeIfDue(Instant now) {
        return deadline != null && !now.isBefore(deadline) ? close() : Optional.empty();
    }

    /** Makes the window end no later than this. */
    public void closeBy(Instant latest) {
        if (deadline != null && latest.isBefore(deadline)) {
            deadline = latest;
        }
    }

    /** When the open batch's window ends; empty when nothing is collected. */
    public Optional<Instant> deadline() {
        return Optional.ofNullable(deadline);
    }

    /** Records in the open batch. */
    public int size() {
        return records.size();
    }
}
