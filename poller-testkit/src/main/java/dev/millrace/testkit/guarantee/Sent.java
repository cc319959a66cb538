package dev.millrace.testkit.guarantee;

import org.jspecify.annotations.Nullable;

/**
 * A message as the test sent it.
 *
 * @param id the test's own, in the body: unlike the queue's it is known before the message can arrive
 * @param group message group; null on a standard queue
 */
public record Sent(String id, @Nullable String group) {}
