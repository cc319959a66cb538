package dev.millrace.invoke;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One synchronous invocation of a function.
 *
 * @param requestId UUID of this attempt; goes into logs and to the function
 * @param functionArn ARN as the mapping names the function, with its qualifier if it has one
 * @param executedVersion the version that an alias resolved to, {@code $LATEST} when there is none
 * @param event the event JSON
 * @param traceHeader value for X-Amzn-Trace-Id: the message's AWSTraceHeader or a new root
 * @param timeout how long the function may take; no answer by then is a function error
 */
public record InvocationRequest(
        String requestId,
        String functionArn,
        String executedVersion,
        Payload event,
        @Nullable String traceHeader,
        Duration timeout) {}
