package dev.millrace.mapping;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a queue must hide a message for the function to get its whole time: the wait for the batch counts too. Advice
 * (spec 1.2.3); AWS enforces only that the function's timeout alone fits.
 *
 * @param window most time from a message's receive to its invocation
 * @param functionTimeout most time of the invocation
 * @param heartbeat the visibility timeout is extended while the function runs, but not before
 */
public record VisibilityNeed(Duration window, Duration functionTimeout, boolean heartbeat) {

    /** With a heartbeat the message must still be hidden when the first one goes out. */
    private static final Duration FIRST_HEARTBEAT = Duration.ofSeconds(1);

    /** AWS advises room for this many attempts of a throttled function. */
    private static final int ADVISED_ATTEMPTS = 6;

    /** The least visibility timeout. */
    public Duration least() {
        return window.plus(heartbeat ? FIRST_HEARTBEAT : functionTimeout);
    }

    /** What is wrong with a queue's visibility timeout and the remedy, for people; empty when it suffices. */
    public Optional<String> problem(Duration visibilityTimeout) {
        if (window.isZero() || least().compareTo(visibilityTimeout) <= 0) {
            return Optional.empty();
        }
        return Optional.of("Queue visibility timeout: " + visibilityTimeout.toSeconds()
                + " seconds is less than batching window: " + window.toSeconds() + " seconds"
                + (heartbeat ? "" : " plus Function timeout: " + functionTimeout.toSeconds() + " seconds")
                + ", so batches are closed before their window ends; raise the queue's VisibilityTimeout to at least "
                + least().toSeconds() + " seconds (AWS advises "
                + window.plus(functionTimeout.multipliedBy(ADVISED_ATTEMPTS)).toSeconds()
                + ": the window and 6 times the Timeout), or lower MaximumBatchingWindowInSeconds");
    }
}
