package dev.millrace.stream;

import dev.millrace.failure.Discard;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A fact that operators want to see, beyond what events and commands tell by themselves. */
public sealed interface ShardNotice {

    /**
     * Records that arrived in this time are gone before they were processed: the stream's retention has taken them.
     *
     * @param from null when it is not known
     * @param to about this time; null when it is not known
     */
    record Gap(@Nullable Instant from, @Nullable Instant to, String detail) implements ShardNotice {}

    /**
     * Records were given up, and processing goes on behind them.
     *
     * @param fate what became of them
     */
    record Discarded(Discard discard, Fate fate) implements ShardNotice {}

    /** What became of discarded records. */
    enum Fate {
        /** The destination has taken the invocation record. */
        DELIVERED,
        /** The mapping has no destination. */
        DROPPED,
        /** The destination has not taken it in the time that the operator sets. */
        UNDELIVERABLE
    }

    /** The destination did not take an invocation record; it is tried again after {@code retryIn}. */
    record DestinationTrouble(Discard discard, String message, Duration retryIn) implements ShardNotice {}

    /** A tumbling window was given up: its final invocation failed more often than allowed. Its state is lost. */
    record WindowAbandoned(Instant start, Instant end) implements ShardNotice {}

    /**
     * The shard cannot be read; it is tried again after {@code retryIn}. Reported when trouble of a kind begins, and once a
     * minute while it goes on.
     */
    record SourceTrouble(SourceProblem problem, Duration retryIn) implements ShardNotice {}

    /** The shard can be read again. */
    record SourceRecovered() implements ShardNotice {}

    /** Progress cannot be stored; invocations wait until it can. Reported like {@link SourceTrouble}. */
    record StoreTrouble(String message, Duration retryIn) implements ShardNotice {}

    /** Progress is stored again. */
    record StoreRecovered() implements ShardNotice {}

    /** The mapping stops; these many records of the lane were read and will be read again. */
    record LetGo(int lane, int records, boolean interrupted) implements ShardNotice {}
}
