package dev.millrace.source;

import java.time.Instant;

/** A place in a shard from which records are read; can be stored and means the same record at any later time. */
public sealed interface ReadPosition {

    /** The oldest record that the source still has. */
    record TrimHorizon() implements ReadPosition {}

    /** The first record that arrived at this time or later. */
    record AtTimestamp(Instant timestamp) implements ReadPosition {}

    /** The record that follows this one. */
    record After(SequenceNumber sequenceNumber) implements ReadPosition {}
}
