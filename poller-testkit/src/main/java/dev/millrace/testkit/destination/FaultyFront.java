package dev.millrace.testkit.destination;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The HTTP side of a service that a test can break on cue. Thread-safe. */
final class FaultyFront implements AutoCloseable {

    private final FunctionServer server = FunctionServer.start();
    private final Function<FunctionCall, FunctionAnswer> service;
    private final BiFunction<Integer, String, FunctionAnswer> error;

    // Guarded by this, as everything below.
    private final Deque<ServiceFault> next = new ArrayDeque<>();
    private @Nullable ServiceFault always;

    /**
     * Starts on a free port.
     *
     * @param service answers the calls that no fault strikes
     * @param error an error of the service by status and code
     */
    FaultyFront(Function<FunctionCall, FunctionAnswer> service, BiFunction<Integer, String, FunctionAnswer> error) {
        this.service = service;
        this.error = error;
        server.always(this::answer);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    FunctionServer server() {
        return server;
    }

    synchronized void always(ServiceFault fault) {
        always = fault;
    }

    synchronized void next(int calls, ServiceFault fault) {
        for (int i = 0; i < calls; i++) {
            next.add(fault);
        }
    }

    synchronized void heal() {
        always = null;
        next.clear();
    }

    private synchronized @Nullable ServiceFault fault() {
        ServiceFault once = next.poll();
        return once == null ? always : once;
    }

    private FunctionAnswer answer(FunctionCall call) {
        ServiceFault fault = fault();
        if (fault == null) {
            return service.apply(call);
        }
        return switch (fault) {
            case INTERNAL_ERROR -> error.apply(500, "InternalError");
            case ACCESS_DENIED -> error.apply(403, "AccessDenied");
            case THROTTLED -> error.apply(503, "SlowDown");
            case DISCONNECTED -> new FunctionAnswer.Close();
            case STALLED -> new FunctionAnswer.Hang();
        };
    }

    @Override
    public void close() {
        server.close();
    }
}
