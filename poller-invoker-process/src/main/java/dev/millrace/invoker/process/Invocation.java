package dev.millrace.invoker.process;

import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Payload;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One event on its way to a process.
 *
 * @param deadline when the process is killed if it has not answered
 */
record Invocation(
        String requestId, String functionArn, @Nullable String traceHeader, Payload event, Instant deadline) {

    static Invocation of(InvocationRequest request, Instant now) {
        return new Invocation(
                request.requestId(),
                request.functionArn(),
                request.traceHeader(),
                request.event(),
                now.plus(request.timeout()));
    }
}
