package dev.millrace.failure;

import dev.millrace.batch.WindowCall;
import dev.millrace.source.StreamRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of one shard that were given up.
 *
 * @param shardId the shard
 * @param records in order; never empty
 * @param reason why
 * @param invocations how often they were invoked, for {@code approximateInvokeCount}; 0 when never
 * @param last the last invocation; null when the function was never invoked with them or never answered
 * @param window that they were to be invoked in; null where there are no tumbling windows
 * @param at when they were given up
 */
public record Discard(
        String shardId,
        List<StreamRecord> records,
        DiscardReason reason,
        int invocations,
        @Nullable LastInvocation last,
        @Nullable WindowCall window,
        Instant at) {

    public Discard {
        records = List.copyOf(records);
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a discard of no records");
        }
    }
}
