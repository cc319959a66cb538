package dev.millrace.testkit.guarantee;

import java.util.List;

/**
 * One invocation of the function.
 *
 * @param number in the order in which they started, from 1
 * @param consumer which daemon it came from
 * @param messages in the batch's order
 */
public record Invocation(long number, String consumer, List<Sent> messages) {

    public Invocation {
        messages = List.copyOf(messages);
    }
}
