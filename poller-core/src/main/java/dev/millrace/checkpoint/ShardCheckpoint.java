package dev.millrace.checkpoint;

import dev.millrace.source.Keying;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a shard is processed, as stored.
 *
 * @param position everything up to and with this record is settled; null when not even the first one is
 * @param upTo every record that arrived before this time is settled; null when nothing is known. Tells after a long pause
 *     whether the stream's retention may have taken records that nobody has processed
 * @param ahead what is settled beyond it; several when the parallelization factor changed not long ago
 */
public record ShardCheckpoint(
        @Nullable SequenceNumber position, @Nullable Instant upTo, List<Ahead> ahead) {

    /** Nothing is settled. */
    public static final ShardCheckpoint NONE = new ShardCheckpoint(null, null, List.of());

    public ShardCheckpoint {
        ahead = List.copyOf(ahead);
    }

    /** What of it holds for records by these keys: lanes of other keys say nothing about them. */
    public ShardCheckpoint under(Keying keying) {
        return new ShardCheckpoint(
                position,
                upTo,
                ahead.stream().filter(marks -> marks.keying() == keying).toList());
    }

    /** Whether the record is settled, so that it must not be processed again; for records by the keys that it is of. */
    public boolean covers(StreamRecord record) {
        return (position != null && position.includes(record.sequenceNumber()))
                || ahead.stream().anyMatch(marks -> marks.covers(record));
    }

    /**
     * The settled records of each lane: each lane settles its records in order, so one number says it all.
     *
     * @param keying by which keys records were in the lanes; by another they would be in other ones, in which nobody has
     *     settled them
     * @param marks by lane; null for a lane in which nothing is settled; as many as the parallelization factor
     */
    public record Ahead(Keying keying, List<@Nullable SequenceNumber> marks) {

        // Not in the compact form, whose parameter javac leaves without the annotation in the class file.
        public Ahead(Keying keying, List<@Nullable SequenceNumber> marks) {
            this.keying = keying;
            // List.copyOf takes no null.
            this.marks = Collections.unmodifiableList(Arrays.asList(marks.toArray(new SequenceNumber[0])));
        }

        public boolean covers(StreamRecord record) {
            SequenceNumber mark = marks.get(Lanes.of(record.key(), marks.size()));
            return mark != null && !record.sequenceNumber().isAfter(mark);
        }

        /** What this one and another one of the same keys and parallelization factor say together. */
        public Ahead and(Ahead other) {
            List<@Nullable SequenceNumber> further = new ArrayList<>();
            for (int lane = 0; lane < marks.size(); lane++) {
                SequenceNumber mine = marks.get(lane);
                SequenceNumber theirs = other.marks.get(lane);
                further.add(mine == null || (theirs != null && theirs.isAfter(mine)) ? theirs : mine);
            }
            return new Ahead(keying, further);
        }

        /** Whether it says something about records beyond this position. */
        public boolean isBeyond(@Nullable SequenceNumber position) {
            return marks.stream().filter(Objects::nonNull).anyMatch(mark -> position == null || mark.isAfter(position));
        }
    }
}
