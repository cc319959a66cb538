package dev.millrace.source;

import java.time.Instant;

/** A place in a shard from which records are read; can be stored and means the same record at any later time. */
public sealed interface ReadPosition {

    /** For people, in Kinesis' words: {@code TRIM_HORIZON}, {@code AT_TIMESTAMP <time>}, {@code AFTER <number>}. */
    default String described() {
        return switch (this) {
            case TrimHorizon _ -> "TRIM_HORIZON";
            case AtTimestamp(var timestamp) -> "AT_TIMESTAMP " + timestamp;
            case After(var sequenceNumber) -> "AFTER " + sequenceNumber;
        };
    }

    /** The oldest record that the source still has. */
    record TrimHorizon() implements ReadPosition {}

    /** The first record that arrived at this time or later. */
    record AtTimestamp(Instant timestamp) implements ReadPosition {}

    /** The record that follows this one. */
    record After(SequenceNumber sequenceNumber) implements ReadPosition {}
}
