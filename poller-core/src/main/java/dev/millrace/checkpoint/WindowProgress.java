package dev.millrace.checkpoint;

import dev.millrace.invoke.Payload;
import java.time.Instant;

/**
 * An open tumbling window of a shard (spec 5).
 *
 * @param start of the window; its end follows from the mapping
 * @param state what the function answered last, a JSON object of at most 1 MB; {@code {}} before its first answer
 */
public record WindowProgress(Instant start, Payload state) {}
