package dev.millrace.bench.server.sqs;

import dev.millrace.bench.server.HttpConnection;
import dev.millrace.bench.server.HttpService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One queue of {@link CannedSqs}; its name says how it behaves. Confined to the loop's thread. */
sealed interface CannedQueue permits EndlessQueue, PacedQueue {

    /** Answers one receive, at once or when {@link #tick} finds a message or the end of the wait. */
    void receive(Receive receive);

    /** The {@link System#nanoTime} of the next thing to do, or {@link HttpService#NEVER}. */
    long nextTick();

    void tick(long now);

    /**
     * One {@code ReceiveMessage} request.
     *
     * @param maximum 1 to 10 messages
     * @param until the {@link System#nanoTime} at which its long poll ends
     */
    record Receive(HttpConnection connection, int maximum, long until) {}

    /**
     * The queue that the name asks for: {@code endless...} always has messages; {@code paced-100...} has 100 messages per
     * second; {@code paced-100-after-15...} behaves endless for 15 s from its first receive on (so that the consumer's
     * code gets compiled) and paced afterwards; every other queue stays empty.
     */
    static CannedQueue named(String name, CannedMessages messages, SqsCounters counters) {
        if (name.startsWith("endless")) {
            return new EndlessQueue(messages, counters);
        }
        Matcher paced = Pattern.compile("paced-(\\d+)(?:-after-(\\d+))?.*").matcher(name);
        if (!paced.matches()) {
            return new PacedQueue(0, 0, messages, counters);
        }
        int burstSeconds = paced.group(2) == null ? 0 : Integer.parseInt(paced.group(2));
        return new PacedQueue(Integer.parseInt(paced.group(1)), burstSeconds, messages, counters);
    }
}
