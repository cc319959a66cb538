package dev.millrace.checkpoint;

import dev.millrace.invoke.Payload;
import java.time.Instant;

/**
 * An open tumbling window of a shard (spec 5).
 *
 * @param start of the window; its end follows from the mapping
 * @param state what the function answered last, a JSON object byte for byte as it was given. One of more than 1 MB ends the
 *     window early, but is kept until the final invocation has got it
 */
public record WindowProgress(Instant start, Payload state) {}
