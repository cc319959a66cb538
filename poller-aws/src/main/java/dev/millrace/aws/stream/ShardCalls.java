package dev.millrace.aws.stream;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls by which one shard is read. Made by its {@link PollingShardReader}, one at a time, from changing threads; an
 * interrupt ends them. Each blocks until the service has answered, and is not tried again.
 */
public interface ShardCalls {

    /** An iterator at the position, or at a place before it from which {@link #records} finds it. */
    String iterator(ReadPosition position) throws SourceException, InterruptedException;

    /**
     * What follows an iterator. Whatever goes wrong, an answer that cannot be understood included, is a
     * {@link SourceException}.
     *
     * @param maximum records, 1 to 10,000; fewer may come
     * @param from where the caller goes on; what is before it is left out
     */
    Answer records(String iterator, int maximum, ReadPosition from) throws SourceException, InterruptedException;

    /**
     * An answer of the service; {@code next} and {@code children} are null in turn.
     *
     * @param records in the shard's order; not copied, so whoever answers must not change it afterwards
     * @param behindLatest see {@link dev.millrace.source.ShardRead}
     * @param next the iterator that goes on; null at the end of the shard
     * @param children the shards that follow, empty when nobody names them; null while this one goes on
     * @param beforeHorizon the place is older than all that the stream still has: the oldest record is to be asked for
     *     instead of going on
     */
    record Answer(
            List<StreamRecord> records,
            @Nullable Duration behindLatest,
            @Nullable String next,
            @Nullable List<StreamShard> children,
            boolean beforeHorizon) {}
}
