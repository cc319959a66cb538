package dev.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads one shard, each read going on where the last one ended. */
final class ShardReading {

    private final ShardReader reader;
    private final int maximum;
    private final List<StreamRecord> records = new ArrayList<>();
    private ReadPosition position;
    private @Nullable ShardRead last;

    ShardReading(ShardReader reader, ReadPosition from, int maximum) {
        this.reader = reader;
        this.position = from;
        this.maximum = maximum;
    }

    void readUntil(String what, BooleanSupplier reached) {
        List<Throwable> failures = new ArrayList<>();
        Eventually.until(what + " must be read", () -> {
            try {
                read();
            } catch (SourceException | AssertionError e) {
                failures.add(e);
            }
            return reached.getAsBoolean() || !failures.isEmpty();
        });
        assertThat(failures).isEmpty();
    }

    private void read() throws SourceException, InterruptedException {
        ShardRead read = answer();
        assertThat(read.records()).hasSizeLessThanOrEqualTo(maximum);
        records.addAll(read.records());
        position = read.records().isEmpty()
                ? position
                : StreamSourceContract.after(read.records().getLast());
        last = read;
    }

    /** As the poller does it: a place that is not known any more is asked for once more. */
    private ShardRead answer() throws SourceException, InterruptedException {
        try {
            return reader.read(position, maximum);
        } catch (SourceException e) {
            if (e.problem().kind() == Kind.EXPIRED_ITERATOR) {
                return reader.read(position, maximum);
            }
            throw e;
        }
    }

    List<StreamRecord> records() {
        return records;
    }

    /** The last read; null before the first. */
    @Nullable
    ShardRead last() {
        return last;
    }

    boolean atEnd() {
        return last != null && last.atEnd();
    }
}
