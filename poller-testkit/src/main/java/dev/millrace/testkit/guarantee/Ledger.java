package dev.millrace.testkit.guarantee;

import dev.millrace.testkit.Eventually;
import java.util.List;
import java.util.function.Supplier;

/**
 * The record of a run: hears of every message sent, every invocation and every crash, and tells its guarantees in one order.
 * Thread-safe.
 */
public final class Ledger {

    private final List<Guarantee> guarantees;
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

    /** The function has processed a batch. */
    public synchronized void processed(Invocation invocation) {
        processed++;
        guarantees.forEach(guarantee -> guarantee.onProcessed(invocation));
    }

    /** A consumer was killed. */
    public synchronized void killed(String consumer) {
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
