package dev.millrace.source;

import java.time.Duration;

/**
 * What the poller needs to know of a queue.
 *
 * @param visibilityTimeout the queue's default visibility timeout, 0 to 12 h
 */
public record QueueAttributes(Duration visibilityTimeout) {}
