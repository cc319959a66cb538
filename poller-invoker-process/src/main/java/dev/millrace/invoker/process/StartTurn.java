package dev.millrace.invoker.process;

import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * The right to start a process whose first moments must not overlap with those of another one in this daemon.
 *
 * <p>AWS's Java runtime interface client needs it: at start it unpacks its native library to the fixed path
 * {@code /tmp/.libaws-lambda-jni.so}, which at AWS nobody shares. Of two that start together one may load what the other
 * is still writing, and dies of SIGBUS. Once loaded the library is safe, as the next one replaces the file.
 */
final class StartTurn implements AutoCloseable {

    /** AWS's Java runtime, which a command names as its main class. */
    static final String AWS_JAVA_RUNTIME = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

    /** A turn ends earlier when its process is ready. Unpacking comes first, so a slow function holds nobody up. */
    static final Duration LONGEST = Duration.ofSeconds(2);

    /** Daemon-wide, like the path it protects. */
    private static final Semaphore TURNS = new Semaphore(1, true);

    private boolean held;

    private StartTurn(boolean held) {
        this.held = held;
    }

    /** Waits for the turn when the function needs one. */
    static StartTurn await(boolean oneAtATime) throws InterruptedException {
        if (oneAtATime) {
            TURNS.acquire();
        }
        return new StartTurn(oneAtATime);
    }

    /** Ends the turn, if it has not ended yet. */
    void end() {
        if (held) {
            held = false;
            TURNS.release();
        }
    }

    @Override
    public void close() {
        end();
    }
}
