package dev.millrace.testkit.kinesis.model;

import dev.millrace.testkit.service.Refusal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All streams of one account in one region. Thread-safe. */
public final class Account {

    private final String region;
    private final String number;
    private final Clock clock;
    private final Map<String, DataStream> streams = new TreeMap<>();

    /** @param number 12 digits */
    public Account(String region, String number, Clock clock) {
        this.region = region;
        this.number = number;
        this.clock = clock;
    }

    public Clock clock() {
        return clock;
    }

    /** @param largestRecord bytes of the largest record that the stream takes */
    public synchronized DataStream create(String name, int shardCount, long largestRecord) {
        if (streams.containsKey(name)) {
            throw Refusal.inUse("Stream " + name + " under account " + number + " already exists.");
        }
        String arn = "arn:aws:kinesis:" + region + ":" + number + ":stream/" + name;
        DataStream stream = new DataStream(number, name, arn, clock, shardCount, largestRecord);
        streams.put(name, stream);
        return stream;
    }

    /** The stream of this name or ARN, or of the consumer of this ARN. */
    public synchronized DataStream stream(String nameOrArn) {
        DataStream stream = streams.get(nameOf(nameOrArn));
        if (stream == null || (isArn(nameOrArn) && !isOf(nameOrArn, stream))) {
            throw noStream(nameOf(nameOrArn), number);
        }
        return stream;
    }

    /** The name of the stream of which this is the name, the ARN, or the ARN of a consumer. */
    public static String nameOf(String nameOrArn) {
        return isArn(nameOrArn) ? nameOrArn.replaceFirst("^[^/]*/", "").split("/", 2)[0] : nameOrArn;
    }

    private static boolean isArn(String text) {
        return text.startsWith("arn:");
    }

    private static boolean isOf(String arn, DataStream stream) {
        return arn.equals(stream.arn()) || arn.startsWith(stream.arn() + "/");
    }

    public synchronized List<DataStream> streams() {
        return new ArrayList<>(streams.values());
    }

    public synchronized void delete(DataStream stream) {
        streams.remove(stream.name(), stream);
        stream.delete();
    }

    static Refusal noStream(String name, String account) {
        return Refusal.notFound("Stream " + name + " under account " + account + " not found.");
    }
}
