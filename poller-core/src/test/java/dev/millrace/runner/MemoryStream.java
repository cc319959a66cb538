package dev.millrace.runner;

import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A stream in memory, whose shards can be put to, closed and forgotten. Thread-safe. */
final class MemoryStream implements StreamSource {

    static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    private static final class Shard {
        final List<String> parents;
        final List<StreamRecord> records = new ArrayList<>();
        List<StreamShard> children = List.of();
        boolean closed;
        boolean leftOut;

        Shard(List<String> parents) {
            this.parents = parents;
        }
    }

    /** Reads that die of a defect, listings that fail, listings that die of an error. */
    final AtomicInteger defects = new AtomicInteger();

    final AtomicInteger failingListings = new AtomicInteger();
    final AtomicInteger errors = new AtomicInteger();
    /** {@link #describe()} was called. */
    final CountDownLatch describing = new CountDownLatch(1);
    /** Holds its answers back. */
    volatile CountDownLatch mayDescribe = new CountDownLatch(0);

    private final Map<String, Shard> shards = new LinkedHashMap<>();
    private final String arn;
    private Instant created;
    private int lastNumber;
    private int closedReaders;
    private @Nullable String ended;
    private Duration retention = Duration.ofDays(3_650);

    MemoryStream() {
        this("arn:aws:kinesis:us-east-1:000000000000:stream/s", CREATED);
    }

    MemoryStream(String arn, Instant created) {
        this.arn = arn;
        this.created = created;
    }

    synchronized void shard(String id, String... parents) {
        shards.put(id, new Shard(List.of(parents)));
    }

    private Shard known(String id) {
        return Objects.requireNonNull(shards.get(id));
    }

    synchronized void put(String shardId, String key, String json) {
        lastNumber++;
        known(shardId)
                .records
                .add(new StreamRecord(
                        SequenceNumber.of(String.valueOf(lastNumber)),
                        key,
                        CREATED.plusSeconds(lastNumber),
                        Payload.ofText(json),
                        true));
    }

    synchronized void close(String shardId, String... children) {
        Shard shard = known(shardId);
        shard.closed = true;
        shard.children = List.of(children).stream()
                .map(id -> new StreamShard(id, known(id).parents, false))
                .toList();
    }

    /** The next listings leave the shard out, although it is there. */
    synchronized void leaveOut(String shardId) {
        known(shardId).leftOut = true;
    }

    synchronized void listAgain(String shardId) {
        known(shardId).leftOut = false;
    }

    synchronized void forget(String shardId) {
        shards.remove(shardId);
    }

    /** The stream is deleted and created again, with open and empty shards of the same ids. */
    synchronized void recreate() {
        created = created.plusSeconds(60);
        lastNumber = 0;
        shards.values().forEach(shard -> {
            shard.records.clear();
            shard.closed = false;
        });
    }

    synchronized void keepFor(Duration time) {
        retention = time;
    }

    /** Nothing comes any more. */
    synchronized void end(String why) {
        ended = why;
    }

    synchronized int closedReaders() {
        return closedReaders;
    }

    @Override
    public StreamAttributes describe() throws InterruptedException {
        describing.countDown();
        mayDescribe.await();
        synchronized (this) {
            return new StreamAttributes(retention, created, ended);
        }
    }

    @Override
    public String arn() {
        return arn;
    }

    @Override
    public synchronized List<StreamShard> shards() throws SourceException {
        if (errors.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new NoClassDefFoundError("of the adapter");
        }
        if (failingListings.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new SourceException(
                    new SourceProblem(SourceProblem.Kind.UNAVAILABLE, "no listing"), new IllegalStateException());
        }
        return shards.entrySet().stream()
                .filter(entry -> !entry.getValue().leftOut)
                .map(entry -> new StreamShard(entry.getKey(), entry.getValue().parents, entry.getValue().closed))
                .toList();
    }

    @Override
    public synchronized ReadPosition latest(StreamShard shard) {
        List<StreamRecord> records = known(shard.shardId()).records;
        return records.isEmpty()
                ? new ReadPosition.TrimHorizon()
                : new ReadPosition.After(records.getLast().sequenceNumber());
    }

    @Override
    public ShardReader open(String shardId) {
        return new ShardReader() {
            @Override
            public ShardRead read(ReadPosition from, int maximum) throws SourceException {
                return MemoryStream.this.read(shardId, from, maximum);
            }

            @Override
            public void close() {
                synchronized (MemoryStream.this) {
                    closedReaders++;
                }
            }
        };
    }

    private synchronized ShardRead read(String shardId, ReadPosition from, int maximum) throws SourceException {
        if (defects.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("defect of the adapter");
        }
        Shard shard = shards.get(shardId);
        if (shard == null) {
            throw new SourceException(
                    new SourceProblem(SourceProblem.Kind.NOT_FOUND, "no such shard"), new IllegalStateException());
        }
        List<StreamRecord> left = shard.records.stream()
                .filter(record -> switch (from) {
                    case ReadPosition.TrimHorizon _ -> true;
                    case ReadPosition.AtTimestamp(var time) -> !record.arrival().isBefore(time);
                    case ReadPosition.After(var number) ->
                        record.sequenceNumber().isAfter(number);
                })
                .toList();
        List<StreamRecord> some = left.subList(0, Math.min(maximum, left.size()));
        boolean atEnd = shard.closed && some.size() == left.size();
        return new ShardRead(some, Duration.ZERO, atEnd ? shard.children : null);
    }

    @Override
    public ReadPacing pacing() {
        return new ReadPacing(Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofSeconds(10));
    }

    @Override
    public Keying keying() {
        return Keying.WHOLE;
    }

    @Override
    public void close() {}
}
