package dev.millrace.testkit.kinesis.model;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.service.HashKeyRange;
import dev.millrace.testkit.service.Refusal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One stream with its shards. Thread-safe; what its methods answer does not change. */
public final class DataStream {

    private final String account;
    private final String name;
    private final String arn;
    private final Clock clock;
    private final Instant created;
    private final Consumers consumers;

    // Guarded by this, as everything below.
    private final Map<String, Shard> shards = new LinkedHashMap<>();
    /** The open shards by the beginning of their hash keys. */
    private final NavigableMap<BigInteger, Shard> open = new TreeMap<>();

    private Duration retention = Duration.ofHours(24);
    private long largestRecord;
    private int shardsEver;
    private long trimmedInSecond = Long.MIN_VALUE;
    private boolean deleted;

    DataStream(String account, String name, String arn, Clock clock, int shardCount, long largestRecord) {
        this.account = account;
        this.name = name;
        this.arn = arn;
        this.clock = clock;
        // Kinesis tells times to the millisecond.
        this.created = Instant.ofEpochMilli(clock.millis());
        this.largestRecord = largestRecord;
        this.consumers = new Consumers(arn, clock);
        for (HashKeyRange range : HashKeyRange.cut(shardCount)) {
            add(Shard.root(shardsEver, range, created));
        }
    }

    public String name() {
        return name;
    }

    public String arn() {
        return arn;
    }

    public Instant created() {
        return created;
    }

    public Consumers consumers() {
        return consumers;
    }

    public synchronized Duration retention() {
        return retention;
    }

    public synchronized void retain(Duration time) {
        retention = time;
        trimmedInSecond = Long.MIN_VALUE;
    }

    /** Bytes of the largest record that the stream takes. */
    public synchronized long largestRecord() {
        return largestRecord;
    }

    public synchronized void largestRecord(long bytes) {
        largestRecord = bytes;
    }

    // ---- shards ----

    /** Shards in the order in which they were opened. */
    public synchronized List<ShardDescription> shards(ShardFilter filter) {
        trimOld();
        return shards.values().stream()
                .filter(shard -> passes(shard, filter))
                .map(Shard::describe)
                .toList();
    }

    private boolean passes(Shard shard, ShardFilter filter) {
        return switch (filter) {
            case ShardFilter.Everything() -> true;
            case ShardFilter.AfterShardId(String id) -> shard.id().compareTo(id) > 0;
            case ShardFilter.AtTrimHorizon() -> shards.values().stream().noneMatch(shard::hasParent);
            case ShardFilter.AtLatest() -> shard.isOpen();
            case ShardFilter.AtTimestamp(Instant time) -> shard.wasOpenAt(time);
            case ShardFilter.FromTimestamp(Instant time) -> shard.wasOpenAfter(time);
        };
    }

    public synchronized ShardDescription shard(String shardId) {
        return existing(shardId).describe();
    }

    public synchronized int openShards() {
        return open.size();
    }

    /** The shards that follow this one and are still there. */
    public synchronized List<ShardDescription> children(String shardId) {
        Shard parent = existing(shardId);
        return shards.values().stream()
                .filter(shard -> shard.hasParent(parent))
                .map(Shard::describe)
                .toList();
    }

    /** Closes a shard and opens two. */
    public synchronized List<String> split(String shardId, BigInteger newStart) {
        Shard parent = existing(shardId);
        HashKeyRange range = parent.range();
        if (newStart.compareTo(range.start()) <= 0 || newStart.compareTo(range.end()) > 0) {
            throw Refusal.invalidArgument("NewStartingHashKey " + newStart + " used in SplitShard() on shard " + shardId
                    + " in stream " + name + " under account " + account + " is not inside the shard's hash keys "
                    + range.start() + " to " + range.end() + ".");
        }
        Instant now = clock.instant();
        close(parent, now);
        HashKeyRange low = new HashKeyRange(range.start(), newStart.subtract(BigInteger.ONE));
        String first = add(Shard.child(shardsEver, List.of(parent), low, now));
        String second = add(Shard.child(shardsEver, List.of(parent), new HashKeyRange(newStart, range.end()), now));
        return List.of(first, second);
    }

    /** Closes two shards that are neighbours and opens one. */
    public synchronized String merge(String shardId, String adjacentShardId) {
        Shard one = existing(shardId);
        Shard other = existing(adjacentShardId);
        boolean neighbours =
                one.range().isFollowedBy(other.range()) || other.range().isFollowedBy(one.range());
        if (!neighbours || !one.isOpen() || !other.isOpen()) {
            throw Refusal.invalidArgument("Shards " + shardId + " and " + adjacentShardId + " in stream " + name
                    + " under account " + account + " are not an adjacent pair of shards eligible for merging");
        }
        Instant now = clock.instant();
        close(one, now);
        close(other, now);
        HashKeyRange range = new HashKeyRange(
                one.range().start().min(other.range().start()),
                one.range().end().max(other.range().end()));
        return add(Shard.child(shardsEver, List.of(one, other), range, now));
    }

    /** Splits and merges until the stream has so many open shards with hash keys of the same size. */
    public synchronized void resize(int count) {
        List<HashKeyRange> wanted = HashKeyRange.cut(count);
        for (HashKeyRange range : wanted) {
            Shard holder = open.floorEntry(range.start()).getValue();
            if (!holder.range().start().equals(range.start())) {
                split(holder.id(), range.start());
            }
        }
        for (HashKeyRange range : wanted) {
            Shard first = open.floorEntry(range.start()).getValue();
            while (first.range().end().compareTo(range.end()) < 0) {
                Shard second = open.higherEntry(range.start()).getValue();
                first = existing(merge(first.id(), second.id()));
            }
        }
    }

    private void close(Shard shard, Instant now) {
        if (!shard.isOpen()) {
            throw Refusal.invalidArgument(
                    "Shard " + shard.id() + " in stream " + name + " under account " + account + " is closed already.");
        }
        shard.close(now);
        open.remove(shard.range().start());
        notifyAll();
    }

    private String add(Shard shard) {
        shardsEver++;
        shards.put(shard.id(), shard);
        open.put(shard.range().start(), shard);
        return shard.id();
    }

    private Shard existing(String shardId) {
        trimOld();
        Shard shard = shards.get(shardId);
        if (shard == null || deleted) {
            throw Refusal.notFound(
                    "Shard " + shardId + " in stream " + name + " under account " + account + " does not exist");
        }
        return shard;
    }

    // ---- records ----

    /**
     * Adds a record to the open shard of its hash key.
     *
     * @param explicitHashKey in place of the partition key's hash; null without
     * @param arrival null for now
     */
    public synchronized Placed put(
            String partitionKey, @Nullable BigInteger explicitHashKey, Payload data, @Nullable Instant arrival) {
        requireTakes(partitionKey, data);
        Shard shard = route(partitionKey, explicitHashKey);
        StoredRecord stored = shard.append(partitionKey, data, arrival == null ? clock.instant() : arrival);
        notifyAll();
        return new Placed(shard.id(), stored.sequenceNumber());
    }

    /** Refuses a record that is too large for the stream; answers its size in bytes. */
    public synchronized long requireTakes(String partitionKey, Payload data) {
        long size = StoredRecord.sizeOf(partitionKey, data);
        if (size > largestRecord) {
            throw Refusal.validation("1 validation error detected: Value at 'data' failed to satisfy constraint: Member"
                    + " must have length less than or equal to " + largestRecord + " (with its partition key it has "
                    + size + ")");
        }
        return size;
    }

    /** The open shard that takes a record. */
    public synchronized String shardOf(String partitionKey, @Nullable BigInteger explicitHashKey) {
        return route(partitionKey, explicitHashKey).id();
    }

    private Shard route(String partitionKey, @Nullable BigInteger explicitHashKey) {
        BigInteger hash = explicitHashKey == null ? HashKeyRange.keyOf(partitionKey) : explicitHashKey;
        Map.Entry<BigInteger, Shard> entry = open.floorEntry(hash);
        if (entry == null) {
            throw new IllegalStateException("no open shard of " + name + " has the hash key " + hash);
        }
        return entry.getValue();
    }

    /**
     * The index of the record at which reading begins.
     *
     * @param limited whether the shard's limits hold for this call
     */
    public synchronized long locate(String shardId, StartingPoint point, boolean limited) {
        Shard shard = existing(shardId);
        if (limited) {
            shard.limits().admitIterator(shardId, clock.instant());
        }
        return switch (point) {
            case StartingPoint.TrimHorizon() -> shard.oldest();
            case StartingPoint.Latest() -> shard.next();
            case StartingPoint.AtTimestamp(Instant time) -> shard.at(notFuture(time));
            case StartingPoint.AtSequenceNumber(String number) -> index(shard, number);
            case StartingPoint.AfterSequenceNumber(String number) -> index(shard, number) + 1;
        };
    }

    private Instant notFuture(Instant time) {
        long now = clock.millis();
        if (time.toEpochMilli() > now) {
            throw Refusal.invalidArgument("The timestampInMillis parameter cannot be greater than the"
                    + " currentTimestampInMillis. timestampInMillis: " + time.toEpochMilli()
                    + ", currentTimestampInMillis: " + now);
        }
        return time;
    }

    private long index(Shard shard, String sequenceNumber) {
        OptionalLong index = shard.indexOf(sequenceNumber);
        if (index.isEmpty()) {
            throw Refusal.invalidArgument("StartingSequenceNumber " + sequenceNumber
                    + " used on shard " + shard.id() + " in stream " + name + " under account "
                    + account + " is invalid because it did not come from this stream.");
        }
        // The number that ends a closed shard has an index that no other number follows.
        return Math.min(index.getAsLong(), Long.MAX_VALUE - 1);
    }

    /**
     * Reads a shard.
     *
     * @param from index of the first record wanted; the oldest kept one when that one is gone
     * @param maximumBytes at least one record is read, however large
     * @param limited whether the shard's limits hold for this call
     */
    public synchronized ReadResult read(String shardId, long from, int maximum, long maximumBytes, boolean limited) {
        Shard shard = existing(shardId);
        Instant now = clock.instant();
        if (limited) {
            shard.limits().admitRead(shardId, now);
        }
        ReadResult result = shard.read(from, maximum, maximumBytes, now);
        if (limited) {
            shard.limits().spent(result.bytes(), now);
        }
        return result;
    }

    /**
     * Waits until the shard has a record of this index or is closed.
     *
     * @throws Refusal when the shard is gone
     */
    public synchronized void await(String shardId, long index, Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        long left = longest.toNanos();
        Shard shard = existing(shardId);
        while (left > 0 && shard.next() <= index && shard.isOpen() && !deleted) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
    }

    /** The sequence number behind which the record of this index comes, whether or not either exists. */
    public synchronized String numberBefore(String shardId, long index) {
        return existing(shardId).number(index - 1, clock.instant());
    }

    /** The records that the shard keeps. */
    public synchronized List<StoredRecord> records(String shardId) {
        return existing(shardId).records();
    }

    // ---- the end of things ----

    /** Forgets the records up to and with this one, and the shard when it is closed and nothing is left of it. */
    public synchronized void trim(String shardId, String upTo) {
        Shard shard = existing(shardId);
        shard.trim(index(shard, upTo));
        if (shard.isSpent()) {
            shards.remove(shardId);
        }
    }

    /** Forgets what is older than the retention; looked after once a second of the clock. */
    private void trimOld() {
        Instant now = clock.instant();
        if (now.getEpochSecond() == trimmedInSecond) {
            return;
        }
        trimmedInSecond = now.getEpochSecond();
        Instant horizon = now.minus(retention);
        List<Shard> all = new ArrayList<>(shards.values());
        for (Shard shard : all) {
            shard.trimBefore(horizon);
            if (shard.wasSpentBefore(horizon)) {
                shards.remove(shard.id());
            }
        }
    }

    synchronized void delete() {
        deleted = true;
        notifyAll();
    }
}
