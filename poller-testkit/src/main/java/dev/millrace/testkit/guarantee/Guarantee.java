package dev.millrace.testkit.guarantee;

import java.util.List;

/** Observes a run, told by a {@link Ledger} of everything that happens, one event at a time. Confined to its ledger. */
public interface Guarantee {

    /** A message is about to be sent. */
    void onSend(Sent message);

    /** The function has begun to process a batch. */
    default void onStarted(Invocation invocation) {}

    /** The function has processed a batch. */
    default void onProcessed(Invocation invocation) {}

    /** The function has failed with a batch: what it did is undone. */
    default void onFailed(Invocation invocation) {}

    /** A consumer is killed: what it has with the function has failed, and is never told of as processed. */
    default void onKilled(String consumer) {}

    /** What was broken, one sentence each; empty when the guarantee was kept. */
    List<String> check();
}
