package dev.millrace.testkit.guarantee;

import dev.millrace.testkit.Eventually;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The record of a run: hears of every message sent, every invocation and every crash, and tells its guarantees in one order.
 * Thread-safe.
 */
public final class Ledger {

    private final List<Guarantee> guarantees;
    private final Set<String> killed = new HashSet<>();
    private long started;
    private long processed;

    public Ledger(Guarantee... guarantees) {
        this.guarantees = List.of(guarantees);
    }

    /** To be called before the message is handed to the queue: it may arrive before the send returns. */
    public synchronized void sent(Sent message) {
        guarantees.forEach(guarantee -> guarantee.onSend(message));
    }

    /** The function has begun with a batch. */
    public synchronized Invocation started(String consumer, List<Sent> messages) {
        started++;
        Invocation invocation = new Invocation(started, consumer, messages);
        guarantees.forEach(guarantee -> guarantee.onStarted(invocation));
        return invocation;
    }

    /**
     * The function has come to the end of a batch, and now decides its answer.
     *
     * @return whether the batch counts as processed; if not, its consumer is dead and the function must answer an error, as one
     *     does whose work is undone when its caller goes away
     */
    public synchronized boolean processed(Invocation invocation) {
        if (killed.contains(invocation.consumer())) {
            return false;
        }
        processed++;
        guarantees.forEach(guarantee -> guarantee.onProcessed(invocation));
        return true;
    }

    /** The function fails with a batch, because the test wants it to, and is about to say so. */
    public synchronized void failed(Invocation invocation) {
        guarantees.forEach(guarantee -> guarantee.onFailed(invocation));
    }

    /**
     * A consumer is killed; to be called just before. From this moment on nothing that it has with the function counts as
     * processed, so that a consumer that deletes a message too early loses it.
     */
    public synchronized void killed(String consumer) {
        killed.add(consumer);
        guarantees.forEach(guarantee -> guarantee.onKilled(consumer));
    }

    /** Invocations processed so far. */
    public synchronized long invocations() {
        return processed;
    }

    /** Reads a guarantee while nothing changes. */
    public synchronized <T> T read(Supplier<T> view) {
        return view.get();
    }

    /** Waits until so many invocations have been processed. */
    public void awaitInvocations(long count) {
        Eventually.until(count + " invocations", () -> invocations() >= count);
    }

    /** Fails when a guarantee was broken. */
    public synchronized void check() {
        List<String> broken = guarantees.stream()
                .flatMap(guarantee -> guarantee.check().stream()
                        .map(what -> guarantee.getClass().getSimpleName() + ": " + what))
                .toList();
        if (!broken.isEmpty()) {
            throw new AssertionError("guarantees broken:\n" + String.join("\n", broken));
        }
    }
}
