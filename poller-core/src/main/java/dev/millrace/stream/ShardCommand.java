package dev.millrace.stream;

import dev.millrace.batch.WindowCall;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link ShardMachine} wants done. Each call is answered by exactly one event with the same number. */
public sealed interface ShardCommand {

    record Read(long call, ReadPosition from, int maximum) implements ShardCommand {}

    /**
     * Invoke the function with these records.
     *
     * @param batch number of this invocation
     * @param lane 0 to 9
     * @param attempt from 1; counts every invocation of this range of records
     * @param window the tumbling window that the records belong to; null without tumbling windows
     */
    record Invoke(
            long batch,
            int lane,
            int attempt,
            List<StreamRecord> records,
            @Nullable WindowCall window) implements ShardCommand {
        public Invoke {
            records = List.copyOf(records);
        }
    }

    /** Tell the on-failure destination. */
    record Deliver(long number, Discard discard) implements ShardCommand {}

    record Save(long call, ShardProgress progress) implements ShardCommand {}

    /** Store that the shard is finished; {@code children} as the source named them. */
    record SaveEnd(long call, ShardProgress progress, List<StreamShard> children) implements ShardCommand {
        public SaveEnd {
            children = List.copyOf(children);
        }
    }

    /** Interrupt all invocations and deliveries in flight; their outcome no longer matters and is not told. */
    record CancelInvocations() implements ShardCommand {}

    /** Tell people: log it, count it. */
    record Report(ShardNotice notice) implements ShardCommand {}

    /** The machine has ended; nothing follows. */
    record Finish(End end) implements ShardCommand {}

    /** Why a machine ended. */
    enum End {
        /** The shard is closed and every record of it is settled. */
        SHARD_END,
        STOPPED,
        LEASE_LOST
    }
}
