package dev.millrace.source;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One queue. Called from many virtual threads at once; every call blocks until the source has answered. The caller
 * limits the time of each call, and ends it by interrupting its thread: the call then throws
 * {@link InterruptedException} soon, whatever it waits for. Calls are not retried by the adapter: retrying is the
 * machine's decision.
 */
public interface QueueSource extends AutoCloseable {

    /** Reads the queue's attributes. Called at start and every few minutes. */
    QueueAttributes describe() throws SourceException, InterruptedException;

    /**
     * One long poll. Messages that the mapping's filters refuse come back with {@link QueueMessage#matched()} false.
     *
     * @param maximum 1 to 10 messages
     * @param waitTime 0 to 20 s
     * @return messages in receive order; empty when none arrived in time
     */
    List<QueueMessage> receive(int maximum, Duration waitTime) throws SourceException, InterruptedException;

    /**
     * Deletes up to 10 messages in one call.
     *
     * @return why, for each message id that was not deleted; empty when all were
     */
    Map<String, EntryFailure> delete(List<QueueMessage> messages) throws SourceException, InterruptedException;

    /**
     * Sets the visibility timeout of up to 10 messages in one call.
     *
     * @return why, for each message id that was not changed; empty when all were
     */
    Map<String, EntryFailure> changeVisibility(List<VisibilityChange> changes)
            throws SourceException, InterruptedException;

    @Override
    void close();

    /**
     * A message whose visibility timeout is to become {@code timeout}, counted from the call.
     *
     * @param timeout 0 to 12 h, whole seconds
     */
    record VisibilityChange(QueueMessage message, Duration timeout) {}

    /**
     * One entry of a batch call failed.
     *
     * @param code the source's error code, such as {@code ReceiptHandleIsInvalid}
     * @param senderFault true when trying again cannot help
     */
    record EntryFailure(String code, boolean senderFault) {}
}
