package dev.millrace.stream;

import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.stream.ShardNotice.Gap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where a shard is read next, when, and what is known of how far the reading has come. Owned by the shard's machine. */
final class ShardReads {

    /** GetRecords' own limit (spec 3.1). */
    private static final int MOST_PER_READ = 10_000;
    /** Expected size of a record before the first one came. */
    private static final long FIRST_GUESS = 2_048;
    /**
     * From this failure in a row on an expired iterator is trouble. One is what it says; a second may come where the source
     * drops records meanwhile.
     */
    private static final int EXPIRED_TOO_OFTEN = 3;

    private final ReadPacing pacing;
    private final RandomGenerator random;
    private final Outage outage = new Outage();

    private ReadPosition from;
    private long call;
    private Instant started = Instant.MIN;
    private Instant next = Instant.MIN;
    private int failures;
    private long recordBytes = FIRST_GUESS;

    private @Nullable List<StreamShard> children;
    private @Nullable Duration behindLatest;
    private @Nullable SourceProblem problem;
    /** Everything that arrived before this has been read. */
    private @Nullable Instant readUpTo;
    /** Whether the source has ever had the shard for this node, or whoever read it before. */
    private boolean found;

    ShardReads(ReadPacing pacing, RandomGenerator random, ReadPosition from, @Nullable Instant readUpTo) {
        this.pacing = pacing;
        this.random = random;
        this.from = from;
        this.readUpTo = readUpTo;
        this.found = from instanceof ReadPosition.After;
    }

    /** Whether the next read may be made at this time. */
    boolean isDue(Instant now) {
        return !next().isAfter(now);
    }

    /** When the next read may be made; {@link Instant#MAX} while one is in flight and at the end of the shard. */
    Instant next() {
        return call == 0 && !atEnd() ? next : Instant.MAX;
    }

    /**
     * Begins a read.
     *
     * @param records that there is room for, 1 or more
     * @param bytes that there is room for
     */
    ShardCommand.Read start(long number, int records, long bytes, Instant now) {
        call = number;
        started = now;
        long fitting = Math.max(1, bytes / recordBytes);
        return new ShardCommand.Read(number, from, (int) Math.min(Math.min(records, fitting), MOST_PER_READ));
    }

    /** Whether this is the read in flight, which has ended. */
    private boolean ended(long number) {
        boolean mine = number == call;
        if (mine) {
            call = 0;
        }
        return mine;
    }

    /**
     * A read brought something.
     *
     * @return the gap that it shows
     */
    Optional<Gap> answered(long number, ShardRead read, @Nullable Duration retention, Instant now) {
        if (!ended(number)) {
            throw new IllegalArgumentException("read " + number + " is not in flight");
        }
        Optional<Gap> gap = gap(read, retention, now);
        failures = 0;
        found = true;
        problem = null;
        behindLatest = read.behindLatest();
        children = read.children();
        List<StreamRecord> records = read.records();
        if (!records.isEmpty()) {
            from = new ReadPosition.After(records.getLast().sequenceNumber());
            recordBytes = Math.max(1, bytes(records) / records.size());
        }
        coverage(read)
                .filter(time -> !isOnTheWay(read, time, retention))
                .ifPresent(time -> readUpTo = later(readUpTo, time));
        boolean atTip = behindLatest == null ? records.isEmpty() : behindLatest.isZero();
        next = started.plus(atTip ? pacing.idle() : pacing.busy());
        return gap;
    }

    private static long bytes(List<StreamRecord> records) {
        long bytes = 0;
        for (StreamRecord record : records) {
            bytes += record.json().size();
        }
        return bytes;
    }

    /** Up to when everything has been read: before the tip at the time of the answer, and before its last record. */
    private Optional<Instant> coverage(ShardRead read) {
        Instant last =
                read.records().isEmpty() ? null : read.records().getLast().arrival();
        if (read.behindLatest() == null) {
            return Optional.ofNullable(last);
        }
        // Not from the read's end on: what arrived while the answer was on its way is not in it.
        Instant tip = started.minus(read.age()).minus(read.behindLatest());
        // The source's clock may be ahead.
        return Optional.of(later(last != null && last.isAfter(started) ? started : last, tip));
    }

    /**
     * Whether an answer without records is from the way through what the source has dropped: nothing was known before, and
     * what comes next follows no record that was there to be read.
     */
    private boolean isOnTheWay(ShardRead read, Instant covered, @Nullable Duration retention) {
        return readUpTo == null
                && read.records().isEmpty()
                && !read.atEnd()
                && retention != null
                && covered.isBefore(started.minus(retention));
    }

    private static Instant later(@Nullable Instant a, Instant b) {
        return a == null || a.isBefore(b) ? b : a;
    }

    /**
     * The reading was behind for longer than the stream keeps records, and the records in between are gone. Sources do not
     * always say so: Kinesis reads on at its oldest record.
     */
    private Optional<Gap> gap(ShardRead read, @Nullable Duration retention, Instant now) {
        if (readUpTo == null || retention == null) {
            return Optional.empty();
        }
        Instant horizon = now.minus(retention);
        if (!readUpTo.isBefore(horizon)) {
            return Optional.empty();
        }
        // The source looked after the read began, perhaps long before its answer was here.
        Instant oldest = started.minus(retention);
        boolean emptyOnTheWay = read.records().isEmpty()
                && !read.atEnd()
                && coverage(read).filter(time -> !time.isBefore(oldest)).isEmpty();
        boolean oldOnesThere =
                !read.records().isEmpty() && read.records().getFirst().arrival().isBefore(oldest);
        if (emptyOnTheWay || oldOnesThere) {
            return Optional.empty();
        }
        return Optional.of(new Gap(
                readUpTo,
                horizon,
                "the shard was not read for longer than the stream keeps records (" + retention.toHours()
                        + " hours); records that arrived in between are gone"));
    }

    /** A read failed; answers how long until the next. */
    Duration failed(long number, SourceProblem why, Instant now) {
        if (!ended(number)) {
            throw new IllegalArgumentException("read " + number + " is not in flight");
        }
        problem = why;
        failures++;
        boolean atOnce = failures == 1 && why.kind() == SourceProblem.Kind.EXPIRED_ITERATOR;
        Duration pause = atOnce ? Duration.ZERO : why.kind().pauses().pause(failures, random);
        Instant paced = started.plus(pacing.busy());
        next = paced.isAfter(now.plus(pause)) ? paced : now.plus(pause);
        return Duration.between(now, next);
    }

    /** Goes on at the oldest record that the source has; answers what is lost. */
    Optional<Gap> trimmed(SourceProblem why) {
        if (from instanceof ReadPosition.TrimHorizon) {
            return Optional.empty();
        }
        Gap gap = new Gap(readUpTo, null, why.message());
        from = new ReadPosition.TrimHorizon();
        readUpTo = null;
        return Optional.of(gap);
    }

    /** Nothing more will come. */
    void end() {
        call = 0;
        children = List.of();
    }

    /** Whether a read in flight still matters. */
    boolean isInFlight(long number) {
        return number == call;
    }

    /** Whether the trouble of the last read is to be reported. */
    boolean reports(SourceProblem why, Instant now) {
        boolean harmless = why.kind() == SourceProblem.Kind.EXPIRED_ITERATOR && failures < EXPIRED_TOO_OFTEN;
        return !harmless && outage.failed(why.kind(), now);
    }

    /** Whether reading works again. */
    boolean recovered() {
        return outage.worked();
    }

    boolean wasFound() {
        return found;
    }

    /** Whether nothing more will come. */
    boolean atEnd() {
        return children != null;
    }

    /** The shards that follow; null while this one goes on. */
    @Nullable
    List<StreamShard> children() {
        return children;
    }

    ReadPosition from() {
        return from;
    }

    @Nullable
    Duration behindLatest() {
        return behindLatest;
    }

    @Nullable
    SourceProblem problem() {
        return problem;
    }

    /** Everything that arrived before this has been read; null when nothing is known. */
    @Nullable
    Instant readUpTo() {
        return readUpTo;
    }
}
