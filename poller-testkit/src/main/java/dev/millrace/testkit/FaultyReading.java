package dev.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Reads a shard of a server that fails on cue, from its oldest record on. */
public final class FaultyReading {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final int AT_ONCE = 3;

    private FaultyReading() {}

    /** Reads so many records through two to four failures, after each of which it goes on where it was; answers their numbers. */
    public static List<String> through(ShardReader reader, int count) throws InterruptedException {
        List<SequenceNumber> read = new ArrayList<>();
        int failures = 0;
        while (read.size() < count) {
            ReadPosition from = read.isEmpty() ? OLDEST : new ReadPosition.After(read.getLast());
            try {
                reader.read(from, AT_ONCE).records().forEach(record -> read.add(record.sequenceNumber()));
            } catch (SourceException e) {
                failures++;
                assertThat(failures).isLessThan(5);
            }
        }
        assertThat(failures).isGreaterThanOrEqualTo(2);
        return read.stream().map(SequenceNumber::digits).toList();
    }

    /**
     * Asserts that an interrupt ends a read that the server does not answer.
     *
     * @param asked returns when the server has been asked
     */
    public static void endsByAnInterrupt(ShardReader reader, Runnable asked) {
        FutureTask<Void> call = new FutureTask<>(() -> {
            reader.read(OLDEST, AT_ONCE);
            return null;
        });
        Thread thread = Thread.ofVirtual().start(call);
        asked.run();
        thread.interrupt();

        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
    }
}
