package dev.millrace.bench.server.sqs;

import dev.millrace.bench.server.MessageStamp;
import java.util.HashSet;
import java.util.Set;

/** What {@link CannedSqs} has seen since it started. Confined to the loop's thread. */
final class SqsCounters {
    long receives;
    long emptyReceives;
    long messages;
    long deletes;
    long deletedMessages;
    long visibilityChanges;
    long unknownActions;

    /** Microseconds since 1970; 0 when there was no receive yet. */
    private long firstReceiveMicros;

    private final Set<String> receivedFrom = new HashSet<>();

    void received(String queue) {
        if (firstReceiveMicros == 0) {
            firstReceiveMicros = MessageStamp.now();
        }
        receives++;
        receivedFrom.add(queue);
    }

    String toJson() {
        return "{\"receives\":" + receives + ",\"emptyReceives\":" + emptyReceives + ",\"messages\":" + messages
                + ",\"deletes\":" + deletes + ",\"deletedMessages\":" + deletedMessages + ",\"visibilityChanges\":"
                + visibilityChanges + ",\"unknownActions\":" + unknownActions + ",\"queues\":" + receivedFrom.size()
                + ",\"firstReceiveMicros\":" + firstReceiveMicros + "}";
    }
}
