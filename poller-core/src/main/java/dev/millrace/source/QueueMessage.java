package dev.millrace.source;

import dev.millrace.invoke.Payload;
import org.jspecify.annotations.Nullable;

/**
 * One message as received.
 *
 * @param messageId the queue's id; names the message in batch item failures
 * @param receiptHandle of this receive
 * @param messageGroupId of a FIFO queue's message; null on standard queues, where SQS's fair-queue groups mean no order
 * @param receiveCount {@code ApproximateReceiveCount}, from 1
 * @param json the record as it stands in the event, serialised once on receive
 * @param traceHeader {@code AWSTraceHeader}, or null
 * @param matched false when the mapping's filters refuse the message
 */
public record QueueMessage(
        String messageId,
        String receiptHandle,
        @Nullable String messageGroupId,
        int receiveCount,
        Payload json,
        @Nullable String traceHeader,
        boolean matched) {}
