package dev.millrace.bench.server;

/** What a {@link HttpLoop} serves. Every method is called on the loop's one thread and must not block. */
public interface HttpService {

    /** {@link #nextTick} when nothing is to be done by time. */
    long NEVER = Long.MAX_VALUE;

    /**
     * One complete request arrived. The answer may be given at once or later, through {@link HttpConnection#respond};
     * the request's bytes are valid only until this method returns.
     */
    void serve(HttpRequest request, HttpConnection connection);

    /** The {@link System#nanoTime} at which {@link #tick} is wanted, or {@link #NEVER}. Asked before every wait. */
    default long nextTick() {
        return NEVER;
    }

    /** Called when {@link #nextTick} has passed, up to a millisecond late. */
    default void tick(long now) {}
}
