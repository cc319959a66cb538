package dev.millrace.source;

import java.time.Duration;

/**
 * How often a shard is read.
 *
 * @param busy least time from the start of one read to the start of the next while more records are waiting
 * @param idle the same when the last read has reached the tip of the shard
 * @param longest how long one read may take before it counts as failed
 */
public record ReadPacing(Duration busy, Duration idle, Duration longest) {}
