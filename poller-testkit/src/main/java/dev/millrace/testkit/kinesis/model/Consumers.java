package dev.millrace.testkit.kinesis.model;

import dev.millrace.testkit.service.Refusal;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The consumers with enhanced fan-out of one stream. Thread-safe. */
public final class Consumers {

    /** As Kinesis allows. */
    private static final int MOST = 20;

    /** One consumer. */
    public record Consumer(String name, String arn, Instant created) {}

    private final String streamArn;
    private final Clock clock;
    private final Map<String, Consumer> byName = new TreeMap<>();

    Consumers(String streamArn, Clock clock) {
        this.streamArn = streamArn;
        this.clock = clock;
    }

    public synchronized Consumer register(String name) {
        if (byName.containsKey(name)) {
            throw Refusal.inUse("Consumer " + name + " of stream " + streamArn + " already exists.");
        }
        if (byName.size() >= MOST) {
            throw Refusal.limitExceeded("Stream " + streamArn + " has " + MOST + " consumers already.");
        }
        Instant now = Instant.ofEpochMilli(clock.millis());
        Consumer consumer = new Consumer(name, streamArn + "/consumer/" + name + ":" + now.getEpochSecond(), now);
        byName.put(name, consumer);
        return consumer;
    }

    public synchronized List<Consumer> all() {
        return new ArrayList<>(byName.values());
    }

    /** The consumer of this name or ARN. */
    public synchronized Optional<Consumer> find(String nameOrArn) {
        return byName.values().stream()
                .filter(consumer ->
                        consumer.name().equals(nameOrArn) || consumer.arn().equals(nameOrArn))
                .findFirst();
    }

    public synchronized void deregister(Consumer consumer) {
        byName.remove(consumer.name());
    }
}
