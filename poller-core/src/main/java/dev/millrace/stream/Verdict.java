package dev.millrace.stream;

import dev.millrace.failure.DiscardReason;
import java.time.Duration;
import java.util.List;

/** What an invocation's outcome means for its batch. */
sealed interface Verdict {

    /** Everything is done. */
    record Complete() implements Verdict {}

    /**
     * The first records are done; the rest is invoked again, one batch after the other.
     *
     * @param done how many records, from the first on; 0 when there was no progress
     * @param batches what is left, in order; never empty
     * @param pause at least this long before the first of them
     */
    record Retry(int done, List<StreamBatch> batches, Duration pause) implements Verdict {
        public Retry {
            batches = List.copyOf(batches);
        }
    }

    /** The batch is given up. */
    record Discard(StreamBatch batch, DiscardReason reason) implements Verdict {}
}
