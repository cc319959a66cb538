package dev.millrace.stream;

import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardScenario.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where and when the shard must be read, and what the reading has missed. */
final class ReadsModel {

    private final SimulatedShard shard;
    private final ShardSimulation.Agenda agenda;
    private final Duration retention;
    private @Nullable Settings settings;

    private long call;
    private Instant started = Instant.MIN;
    private Instant earliest = Instant.MIN;
    private Instant latest = Instant.MIN;
    private ReadPosition from = new ReadPosition.TrimHorizon();
    private int failures;
    private boolean notFound;
    private boolean found;
    private Instant began = Instant.MIN;
    private long lastBytes;
    private boolean atEnd;

    /** The next record that the machine has not been shown. */
    private int next;
    /** Every record that arrived before this has been shown; null while nothing is known. */
    private @Nullable Instant shownUpTo;
    /** Records may be lost up to the next read: that was reported. */
    private boolean gapIsOpen;

    private boolean gapMust;
    private boolean gapMay;
    private boolean gapTold;
    /** Below this grain records may be lost without the machine being able to tell. */
    private int unknowable;

    ReadsModel(SimulatedShard shard, ShardSimulation.Agenda agenda, Duration retention) {
        this.shard = shard;
        this.agenda = agenda;
        this.retention = retention;
    }

    void begin(Settings with, ShardProgress progress) {
        settings = with;
        call = 0;
        earliest = Instant.MIN;
        latest = Instant.MIN;
        from = progress.readFrom();
        failures = 0;
        notFound = false;
        found = from instanceof ReadPosition.After;
        began = agenda.now;
        lastBytes = 0;
        atEnd = false;
        shownUpTo = progress.checkpoint().upTo();
        gapIsOpen = false;
        next = 0;
        while (next < shard.records.size() && isNotAfter(next, progress)) {
            next++;
        }
    }

    private boolean isNotAfter(int index, ShardProgress progress) {
        return progress.checkpoint().position() != null
                && !SimulatedShard.isAfter(
                        shard.records.get(index), progress.checkpoint().position());
    }

    void start(ShardCommand.Read read, int room, Instant now) {
        check(call == 0, "reads twice at a time");
        check(!atEnd, "reads behind the end");
        check(!now.isBefore(earliest), () -> "reads before " + earliest);
        check(read.from().equals(from), () -> "reads from " + read.from() + " instead of " + from);
        check(
                read.maximum() >= 1 && read.maximum() <= Math.min(10_000, room),
                () -> "asks for " + read.maximum() + " records, has room for " + room);
        call = read.call();
        started = now;
    }

    /** What the source has seen for this read; before the machine is told. */
    void seen(long number, SimulatedShard.Seen seen, RecordsModel records, ShardCheckpoint start) {
        if (number != call || atEnd) {
            return;
        }
        ShardRead answer = seen.read();
        boolean conclusive = !answer.records().isEmpty() || answer.atEnd() || answer.behindLatest() != null;
        gapMay = shownUpTo != null && shownUpTo.isBefore(agenda.now.minus(retention));
        if (!conclusive) {
            return;
        }
        int first = seen.next() - answer.records().size();
        boolean missed = false;
        for (int i = next; i < first; i++) {
            StreamRecord record = shard.records.get(i);
            if (!start.covers(record)) {
                // What was lost before has been reported then; what a run before has settled is gone and not lost.
                missed |= records.lose(i);
            }
        }
        if (missed && shownUpTo == null && !gapIsOpen) {
            unknowable = Math.max(unknowable, shard.grain(first));
        }
        gapMust = missed && shownUpTo != null && !gapIsOpen;
        next = Math.max(next, seen.next());
        gapIsOpen = false;
    }

    /** Answers whether the machine has to care. */
    boolean answered(ShardEvent.Read event, boolean stopping) {
        if (event.call() != call || atEnd) {
            return false;
        }
        call = 0;
        if (stopping) {
            gapMust = false;
            return false;
        }
        ShardRead read = event.read();
        failures = 0;
        notFound = false;
        found = true;
        lastBytes = read.records().stream()
                .mapToLong(record -> record.json().size())
                .sum();
        if (!read.records().isEmpty()) {
            from = new ReadPosition.After(read.records().getLast().sequenceNumber());
        }
        shown(read);
        atEnd = read.atEnd();
        boolean tip = read.behindLatest() == null
                ? read.records().isEmpty()
                : read.behindLatest().isZero();
        Duration pace = tip ? Objects.requireNonNull(settings).idle() : busy();
        earliest = started.plus(pace);
        latest = earliest;
        return true;
    }

    private void shown(ShardRead read) {
        Instant upTo = read.behindLatest() != null
                ? started.minus(read.behindLatest())
                : read.records().isEmpty() ? null : read.records().getLast().arrival();
        if (upTo != null && (shownUpTo == null || shownUpTo.isBefore(upTo))) {
            shownUpTo = upTo;
        }
    }

    private Duration busy() {
        return Objects.requireNonNull(settings).pacing().busy();
    }

    void failed(long number, SourceProblem problem, boolean stopping) {
        if (number != call || atEnd) {
            return;
        }
        call = 0;
        if (stopping) {
            return;
        }
        failures++;
        notFound = problem.kind() == SourceProblem.Kind.NOT_FOUND;
        boolean slow = switch (problem.kind()) {
            case NOT_FOUND, ACCESS_DENIED, REJECTED -> true;
            case THROTTLED, UNAVAILABLE, EXPIRED_ITERATOR, TRIMMED -> false;
        };
        long full = Math.min(slow ? 30_000 : 20_000, (slow ? 2_000L : 200L) << Math.min(20, failures - 1));
        boolean atOnce = problem.kind() == SourceProblem.Kind.EXPIRED_ITERATOR && failures == 1;
        earliest = later(started.plus(busy()), agenda.now.plusMillis(atOnce ? 0 : full - full / 2));
        latest = later(started.plus(busy()), agenda.now.plusMillis(atOnce ? 0 : full));
        if (problem.kind() == SourceProblem.Kind.TRIMMED && !(from instanceof ReadPosition.TrimHorizon)) {
            from = new ReadPosition.TrimHorizon();
            shownUpTo = null;
            gapIsOpen = true;
            gapMust = true;
            gapMay = true;
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Believed only when reading says the same, and not of a shard that may just be born. */
    void gone() {
        boolean mayBeBorn = !found && agenda.now.isBefore(began.plus(Duration.ofMinutes(5)));
        if (!notFound || mayBeBorn) {
            return;
        }
        gapMay = !atEnd;
        gapMust = !atEnd;
        atEnd = true;
        call = 0;
        unknowable = Integer.MAX_VALUE;
    }

    void gap(ShardNotice.Gap gap, ShardEvent event) {
        check(gapMay || gapMust, () -> "a gap although nothing is lost: " + gap + " " + event);
        gapTold = true;
    }

    /** After each turn. */
    void gapReported() {
        check(!gapMust || gapTold, "records are lost, but no gap is reported");
        gapMust = false;
        gapMay = false;
        gapTold = false;
    }

    boolean mayHaveMissed(int index) {
        return shard.grain(index) < unknowable;
    }

    /** Trimmed, but no read has shown so: that takes a record that follows, or the end of the shard. */
    boolean goneUnseen(int index) {
        return index >= next && index < shard.oldest(agenda.now);
    }

    boolean inFlight() {
        return call != 0;
    }

    boolean isDue() {
        return !atEnd && !agenda.now.isBefore(latest);
    }

    boolean atEnd() {
        return atEnd;
    }

    long lastBytes() {
        return lastBytes;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private static void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }
}
