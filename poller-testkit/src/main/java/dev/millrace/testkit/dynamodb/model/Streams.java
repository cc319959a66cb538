package dev.millrace.testkit.dynamodb.model;

import dev.millrace.testkit.service.Refusal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** All streams of one account in one region, those of disabled and deleted tables included. Thread-safe. */
public final class Streams {

    /** As in {@code 2015-05-20T20:51:10.252}. */
    private static final DateTimeFormatter LABEL =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private final String region;
    private final String account;
    private final Clock clock;

    // Guarded by this, as everything below.
    private final Map<String, ChangeStream> byArn = new LinkedHashMap<>();
    /** When the newest stream was created, in milliseconds of the epoch. */
    private long newest = Long.MIN_VALUE;

    /** @param account 12 digits */
    public Streams(String region, String account, Clock clock) {
        this.region = region;
        this.account = account;
        this.clock = clock;
    }

    public Clock clock() {
        return clock;
    }

    /** @param keyNames the partition key, and the sort key if there is one */
    public synchronized ChangeStream create(String table, List<String> keyNames, StreamViewType view, int shardCount) {
        long now = clock.millis();
        // Also where the clock stands still: a label is used once.
        newest = now > newest ? now : newest + 1;
        Instant created = Instant.ofEpochMilli(newest);
        String label = LABEL.format(created);
        ChangeStream stream = new ChangeStream(
                new ChangeStream.Head(arn(table, label), label, table, keyNames, view, created), shardCount, clock);
        byArn.put(stream.head().arn(), stream);
        return stream;
    }

    private String arn(String table, String label) {
        return "arn:aws:dynamodb:" + region + ":" + account + ":table/" + table + "/stream/" + label;
    }

    public synchronized ChangeStream stream(String arn) {
        ChangeStream stream = byArn.get(arn);
        if (stream == null) {
            throw Refusal.notFound("Requested resource not found: Stream: " + arn + " not found");
        }
        return stream;
    }

    /** In the order in which they were created. */
    public synchronized List<ChangeStream> all() {
        return new ArrayList<>(byArn.values());
    }

    /** Forgets a stream, as happens a day after it was disabled. */
    public synchronized void forget(ChangeStream stream) {
        byArn.remove(stream.head().arn());
    }
}
