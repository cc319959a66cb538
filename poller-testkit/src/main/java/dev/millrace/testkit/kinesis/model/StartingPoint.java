package dev.millrace.testkit.kinesis.model;

import java.time.Instant;

/** Where a reader wants to begin. */
public sealed interface StartingPoint {

    record TrimHorizon() implements StartingPoint {}

    record Latest() implements StartingPoint {}

    record AtTimestamp(Instant timestamp) implements StartingPoint {}

    record AtSequenceNumber(String sequenceNumber) implements StartingPoint {}

    record AfterSequenceNumber(String sequenceNumber) implements StartingPoint {}
}
