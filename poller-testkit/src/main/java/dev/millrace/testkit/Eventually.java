package dev.millrace.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits for something real, such as a server or another process, by looking again and again. The only place of the tests
 * that waits by the clock.
 */
public final class Eventually {

    /** Longest wait unless told otherwise: far above what a loaded machine needs. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private Eventually() {}

    /** Something that may not hold yet: throws an {@link AssertionError} or an exception until it does. */
    @FunctionalInterface
    public interface Assertion {
        void check() throws Exception;
    }

    /** Waits until the condition holds; an exception counts as "not yet". */
    public static void until(String what, Callable<Boolean> condition) {
        holds(PATIENCE, what, () -> {
            if (!condition.call()) {
                throw new AssertionError("is not so");
            }
        });
    }

    /** Waits until the assertion passes. */
    public static void holds(String what, Assertion assertion) {
        holds(PATIENCE, what, assertion);
    }

    /** Waits until the assertion passes, at most this long; then throws an error with its last complaint. */
    public static void holds(Duration patience, String what, Assertion assertion) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Throwable complaint = complaint(assertion);
            if (complaint == null) {
                return;
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("waited " + patience + " for: " + what + "; at last: " + complaint, complaint);
            }
            pause(what);
        }
    }

    private static @Nullable Throwable complaint(Assertion assertion) {
        try {
            assertion.check();
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (Exception | AssertionError e) {
            return e;
        }
    }

    private static void pause(String what) {
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        if (Thread.interrupted()) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what);
        }
    }
}
