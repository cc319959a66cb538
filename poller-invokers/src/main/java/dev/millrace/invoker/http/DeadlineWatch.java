package dev.millrace.invoker.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends requests whose time is over. Socket timeouts alone cannot: they begin again with every byte, and each step of
 * connecting has its own. One virtual thread looks over all requests in flight, so that a request costs an entry in a set
 * and no timer; it sleeps while there are none. It also lets the connection pool drop idle connections.
 *
 * <p>A caller that is interrupted on a virtual thread is woken by the JDK, which closes the socket that it waits for. On a
 * platform thread it is not; the watch sees to that too, within {@link #TICK_NANOS}.
 */
final class DeadlineWatch implements AutoCloseable {

    /** Longest time between two looks while requests are in flight: far below the shortest timeout, 1 s. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How often idle connections are looked over: below the 5 s after which common servers close theirs. */
    private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The pool of connections that the watch keeps tidy. */
    interface Pool {

        /** Closes what has been idle for too long; answers whether idle connections are left. */
        boolean dropIdle();
    }

    private final Pool pool;
    private final Set<EventPost> inFlight = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    private volatile boolean closed;

    /** Whether the thread may sleep although requests come in. Written by it before it looks for requests a last time. */
    private volatile boolean resting;

    DeadlineWatch(String function, Pool pool) {
        this.pool = pool;
        this.thread = Thread.ofVirtual().name("deadlines/" + function).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Watches the request until {@link #end}. */
    void begin(EventPost post) {
        inFlight.add(post);
        // Invariant: either the thread sees the request before it rests, or this sees that it rests.
        if (resting) {
            LockSupport.unpark(thread);
        }
    }

    void end(EventPost post) {
        inFlight.remove(post);
    }

    private void run() {
        long housekeepingAt = System.nanoTime() + HOUSEKEEPING_NANOS;
        boolean idleConnections = false;
        while (!closed) {
            long now = System.nanoTime();
            long next = endOverdue(now);
            if (now - housekeepingAt >= 0) {
                idleConnections = pool.dropIdle();
                housekeepingAt = now + HOUSEKEEPING_NANOS;
            }
            if (inFlight.isEmpty()) {
                rest(idleConnections);
            } else {
                LockSupport.parkNanos(this, next);
            }
            // A request may have come and gone since the pool was last looked over, and left its connection there.
            idleConnections = true;
        }
    }

    /** Ends what must end; answers how long nothing else will be due. */
    private long endOverdue(long now) {
        long next = TICK_NANOS;
        for (EventPost post : inFlight) {
            long left = post.dueIn(now);
            if (left <= 0) {
                post.expire();
            } else {
                if (post.callerIsInterrupted()) {
                    post.abort();
                }
                next = Math.min(next, left);
            }
        }
        return next;
    }

    private void rest(boolean idleConnections) {
        resting = true;
        if (inFlight.isEmpty() && !closed) {
            if (idleConnections) {
                LockSupport.parkNanos(this, HOUSEKEEPING_NANOS);
            } else {
                LockSupport.park(this);
            }
        }
        resting = false;
    }

    /** Ends the thread and waits until it has ended. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
