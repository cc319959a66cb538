package dev.millrace.testkit.kinesis.model;

/** Where a record was put. */
public record Placed(String shardId, String sequenceNumber) {}
