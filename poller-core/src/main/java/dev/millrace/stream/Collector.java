package dev.millrace.stream;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Forms a lane's batches out of its waiting records: {@code BatchSize}, payload limit and windows (spec 2, 5). */
final class Collector {

    /** A batching window ends this long before its first record would be too old to be invoked. */
    static final Duration EXPIRY_MARGIN = Duration.ofSeconds(1);

    private final ShardPolicy policy;
    private final @Nullable TumblingWindow tumbling;

    /** {@code tumbling} is null without tumbling windows. */
    Collector(ShardPolicy policy, @Nullable TumblingWindow tumbling) {
        this.policy = policy;
        this.tumbling = tumbling;
    }

    /**
     * The lane's next batch, which leaves the waiting records; empty when it is not complete.
     *
     * @param last no more records will come
     * @param full no more records are read before some are settled, so that waiting for them leads nowhere
     */
    Optional<StreamBatch> collect(Lane lane, boolean last, boolean full, Instant now) {
        StreamRecord first = lane.firstWaiting();
        if (tumbling != null && tumbling.isOver(first, last, now)) {
            return Optional.of(StreamBatch.endOfWindow());
        }
        if (first == null) {
            return Optional.empty();
        }
        if (tumbling != null) {
            tumbling.open(first);
        }
        boolean closes = last || full || isComplete(lane) || !now.isBefore(closesAt(lane));
        return closes ? Optional.of(take(lane)) : Optional.empty();
    }

    private boolean isComplete(Lane lane) {
        return lane.waiting() >= policy.batchSize()
                || lane.waitingBytes() + lane.waiting() * RecordsEvent.SEPARATOR_BYTES > room()
                || (tumbling != null && !tumbling.takes(Objects.requireNonNull(lane.lastWaiting())));
    }

    /** When the lane's next batch or window ends if no more records come; {@link Instant#MAX} when there is none. */
    Instant closesAt(Lane lane) {
        StreamRecord first = lane.firstWaiting();
        if (first == null) {
            return tumbling == null ? Instant.MAX : tumbling.quietAt();
        }
        if (policy.window().isZero()) {
            return Instant.MIN;
        }
        Instant windowEnd = lane.windowEnd(policy.window());
        Instant expiry = policy.rules().expiry(first, null);
        Instant latest = expiry.equals(Instant.MAX) ? expiry : expiry.minus(EXPIRY_MARGIN);
        return windowEnd.isBefore(latest) ? windowEnd : latest;
    }

    private StreamBatch take(Lane lane) {
        List<StreamRecord> records = new ArrayList<>(Math.min(lane.waiting(), policy.batchSize()));
        long left = room();
        for (StreamRecord next = lane.firstWaiting(); next != null; next = lane.firstWaiting()) {
            left -= next.json().size() + RecordsEvent.SEPARATOR_BYTES;
            boolean fits = left >= 0 && (tumbling == null || tumbling.takes(next));
            if (records.size() == policy.batchSize() || !(fits || records.isEmpty())) {
                break;
            }
            records.add(lane.removeFirstWaiting());
        }
        return StreamBatch.of(records);
    }

    /** Whether an event can carry the records. */
    boolean fits(List<StreamRecord> records) {
        long bytes = 0;
        for (StreamRecord record : records) {
            bytes += record.json().size() + RecordsEvent.SEPARATOR_BYTES;
        }
        return bytes <= room();
    }

    /** Bytes that an event has for records, each counted with a separator. */
    private long room() {
        long window = tumbling == null ? 0 : tumbling.eventBytes();
        return RecordsEvent.MAXIMUM_BYTES - RecordsEvent.FRAME_BYTES + RecordsEvent.SEPARATOR_BYTES - window;
    }
}
