package dev.millrace.source;

/**
 * Reads one shard. One call at a time, from changing threads. The caller limits the time of each call, and ends it by
 * interrupting its thread: the call then throws {@link InterruptedException} soon. Calls are not retried by the adapter.
 */
public interface ShardReader extends AutoCloseable {

    /**
     * Reads the next records.
     *
     * <p>The adapter remembers where its last read ended. While {@code from} is the place after the last record that it
     * answered (or the same position as before when it answered none) it goes on with what it has, such as the next shard
     * iterator; any other position makes it start anew from there. After a failed read it starts anew, too.
     *
     * <p>A position that was stored under another {@link Keying} means the same: after a whole record come none of its
     * sub-records, and after a sub-record come the others of its record, also where records are not unpacked any more.
     *
     * @param from where to go on
     * @param maximum records, 1 to 10,000; fewer may come
     * @throws SourceException of kind {@link SourceProblem.Kind#EXPIRED_ITERATOR} when the place was not used for too long, or
     *     the oldest record has moved on before any was read, and reading anew from {@code from} will do; of kind {@link
     *     SourceProblem.Kind#TRIMMED} when the source no longer has what follows {@code from}; of kind {@link
     *     SourceProblem.Kind#NOT_FOUND} when the shard itself is gone
     */
    ShardRead read(ReadPosition from, int maximum) throws SourceException, InterruptedException;

    /** Gives up what the reader holds, such as a subscription. Does not block for long. */
    @Override
    void close();
}
