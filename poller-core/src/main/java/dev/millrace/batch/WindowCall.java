package dev.millrace.batch;

import dev.millrace.invoke.Payload;
import java.time.Instant;

/**
 * What an invocation tells the function of its tumbling window (spec 5).
 *
 * @param start first moment of the window
 * @param end first moment after it
 * @param state what the function answered last, {@code {}} at first
 * @param isFinal the window is over; this invocation has no records
 * @param terminatedEarly it is over because its state has grown too large
 */
public record WindowCall(Instant start, Instant end, Payload state, boolean isFinal, boolean terminatedEarly) {}
