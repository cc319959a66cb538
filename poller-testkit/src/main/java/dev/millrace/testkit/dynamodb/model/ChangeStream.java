package dev.millrace.testkit.dynamodb.model;

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
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** The stream of a table, with its shards. Thread-safe; what its methods answer does not change. */
public final class ChangeStream {

    /** How long a record is kept. */
    public static final Duration RETENTION = Duration.ofHours(24);

    /**
     * What a stream is, for as long as it exists.
     *
     * @param label the end of its ARN
     * @param keyNames the partition key, and the sort key if there is one
     */
    public record Head(
            String arn, String label, String table, List<String> keyNames, StreamViewType view, Instant created) {

        public Head {
            keyNames = List.copyOf(keyNames);
        }
    }

    private final Head head;
    private final Clock clock;

    // Guarded by this, as everything below.
    private final Map<String, Shard> shards = new LinkedHashMap<>();
    private int shardsEver;
    private long next;
    private boolean disabled;

    ChangeStream(Head head, int shardCount, Clock clock) {
        this.head = head;
        this.clock = clock;
        for (HashKeyRange range : HashKeyRange.cut(shardCount)) {
            add(new Shard(shardsEver, null, range, head.created(), next));
        }
    }

    public Head head() {
        return head;
    }

    // ---- shards ----

    public synchronized boolean isEnabled() {
        return !disabled;
    }

    /** Closes all shards; what they hold can be read on. */
    public synchronized void disable() {
        disabled = true;
        Instant now = clock.instant();
        open().forEach(shard -> shard.close(next - 1, now));
    }

    /** The shards that DescribeStream tells of, in its order. */
    public synchronized List<ShardDescription> shards() {
        trimOld();
        return shards.values().stream()
                .filter(Shard::isListed)
                .map(Shard::describe)
                .toList();
    }

    /** The shards that follow this one, which may be gone itself. */
    public synchronized List<ShardDescription> children(String shardId) {
        trimOld();
        return shards.values().stream()
                .filter(Shard::isListed)
                .filter(shard -> shard.follows(shardId))
                .map(Shard::describe)
                .toList();
    }

    public synchronized ShardDescription shard(String shardId) {
        return existing(shardId).describe();
    }

    /** The open shard that takes changes of this item. */
    public synchronized String shardOf(Map<String, AttributeValue> keys) {
        return route(keys).id();
    }

    /** Closes a shard and opens one that follows it. */
    public synchronized String rollOver(String shardId) {
        Shard parent = closing(shardId);
        return add(new Shard(shardsEver, parent, parent.range(), clock.instant(), next));
    }

    /** Closes a shard and opens two that follow it. */
    public synchronized List<String> split(String shardId) {
        Shard parent = closing(shardId);
        HashKeyRange range = parent.range();
        HashKeyRange low = new HashKeyRange(range.start(), range.middle().subtract(BigInteger.ONE));
        HashKeyRange high = new HashKeyRange(range.middle(), range.end());
        Instant now = clock.instant();
        return List.of(
                add(new Shard(shardsEver, parent, low, now, next)),
                add(new Shard(shardsEver, parent, high, now, next)));
    }

    private Shard closing(String shardId) {
        Shard shard = existing(shardId);
        if (!shard.isOpen()) {
            throw new IllegalStateException(shardId + " is closed already");
        }
        shard.close(next - 1, clock.instant());
        // Behind the number with which it ends.
        next++;
        return shard;
    }

    /** Whether DescribeStream tells of a shard. It can be read all the same. */
    public synchronized void list(String shardId, boolean on) {
        existing(shardId).list(on);
    }

    /** Forgets a shard and what it holds. The shards that follow it still name it. */
    public synchronized void forget(String shardId) {
        shards.remove(existing(shardId).id());
    }

    private String add(Shard shard) {
        shardsEver++;
        shards.put(shard.id(), shard);
        return shard.id();
    }

    private List<Shard> open() {
        return shards.values().stream().filter(Shard::isOpen).toList();
    }

    private Shard existing(String shardId) {
        trimOld();
        Shard shard = shards.get(shardId);
        if (shard == null) {
            throw Refusal.notFound(
                    "Requested resource not found: Shard: " + shardId + " in Stream: " + head.arn() + " not found");
        }
        return shard;
    }

    // ---- records ----

    /** Adds a record to the open shard of its item. */
    public synchronized StoredChange append(Change change) {
        return append(route(change.keys()), change);
    }

    /** Adds a record to an open shard of the test's choice. */
    public synchronized StoredChange append(String shardId, Change change) {
        return append(existing(shardId), change);
    }

    private StoredChange append(Shard shard, Change change) {
        if (!shard.isOpen()) {
            throw new IllegalStateException(shard.id() + " is closed");
        }
        StoredChange stored = StoredChange.of(head.arn(), next++, change);
        shard.append(stored);
        return stored;
    }

    private Shard route(Map<String, AttributeValue> keys) {
        AttributeValue key = keys.get(head.keyNames().getFirst());
        BigInteger hash = HashKeyRange.keyOf(String.valueOf(key));
        return open().stream()
                .filter(shard -> shard.range().start().compareTo(hash) <= 0
                        && shard.range().end().compareTo(hash) >= 0)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no open shard of " + head.arn() + " takes " + keys));
    }

    /** The records that a shard keeps. */
    public synchronized List<StoredChange> records(String shardId) {
        return existing(shardId).records();
    }

    /** Position of the oldest record that the shard keeps. */
    public synchronized long oldest(String shardId) {
        return existing(shardId).oldest();
    }

    /** Position behind the last record of the shard. */
    public synchronized long latest(String shardId) {
        return existing(shardId).latest();
    }

    /**
     * Position of the record of this sequence number.
     *
     * @throws Refusal when it is not of this shard, or trimmed
     */
    public synchronized long position(String shardId, String sequenceNumber) {
        Shard shard = existing(shardId);
        long position = SequenceNumbers.position(sequenceNumber)
                .orElseThrow(() -> Refusal.validation("Invalid SequenceNumber: " + sequenceNumber));
        if (!shard.covers(position)) {
            throw Refusal.validation("The SequenceNumber " + sequenceNumber + " is not of shard " + shardId);
        }
        requireKept(shard, position);
        return position;
    }

    /** The sequence number behind which the record of this position comes, whether or not either exists. */
    public String numberBefore(long position) {
        return SequenceNumbers.print(position - 1);
    }

    /**
     * Reads a shard.
     *
     * @param from position
     * @param maximumBytes at least one record is read, however large
     * @throws Refusal when records from this position on were trimmed
     */
    public synchronized ChangeRead read(String shardId, long from, int maximum, long maximumBytes) {
        Shard shard = existing(shardId);
        requireKept(shard, from);
        return shard.read(from, maximum, maximumBytes);
    }

    private static void requireKept(Shard shard, long position) {
        if (!shard.keeps(position)) {
            throw new Refusal(
                    400,
                    "TrimmedDataAccessException",
                    "The operation attempted to read past the oldest stream record in a shard.");
        }
    }

    // ---- the end of things ----

    /** Forgets a shard's records up to and with this one. */
    public synchronized void trim(String shardId, String upTo) {
        existing(shardId)
                .trim(SequenceNumbers.position(upTo)
                        .orElseThrow(() -> new IllegalArgumentException("no sequence number: " + upTo)));
    }

    /** Forgets what is older than the retention. */
    private void trimOld() {
        Instant horizon = clock.instant().minus(RETENTION);
        List<Shard> all = new ArrayList<>(shards.values());
        for (Shard shard : all) {
            shard.trimBefore(horizon);
            if (shard.wasSpentBefore(horizon)) {
                shards.remove(shard.id());
            }
        }
    }
}
