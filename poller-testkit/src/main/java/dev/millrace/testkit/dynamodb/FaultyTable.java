package dev.millrace.testkit.dynamodb;

import dev.millrace.testkit.dynamodb.model.Change;
import dev.millrace.testkit.dynamodb.model.ChangeStream;
import dev.millrace.testkit.dynamodb.model.ShardDescription;
import dev.millrace.testkit.dynamodb.model.StoredChange;
import dev.millrace.testkit.dynamodb.model.Streams;
import dev.millrace.testkit.dynamodb.operation.StreamsApi;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** A table of a {@link DynamoDbStreamsServer} with its stream, as tests fill, change and examine both past the wire. Thread-safe. */
public final class FaultyTable implements TestTable {

    private final Streams streams;
    private final StreamsApi api;
    private final TableShape shape;
    private final int shardCount;

    // Guarded by this, as everything below.
    private final Map<Map<String, AttributeValue>, Map<String, AttributeValue>> items = new HashMap<>();
    private ChangeStream stream;

    FaultyTable(Streams streams, StreamsApi api, TableShape shape, int shardCount) {
        this.streams = streams;
        this.api = api;
        this.shape = shape;
        this.shardCount = shardCount;
        this.stream = newStream();
    }

    private ChangeStream newStream() {
        List<String> names =
                shape.keys().stream().map(TableShape.KeyAttribute::name).toList();
        return streams.create(shape.name(), names, shape.view(), shardCount);
    }

    @Override
    public String name() {
        return shape.name();
    }

    @Override
    public String keyName() {
        return shape.keys().getFirst().name();
    }

    @Override
    public String streamArn() {
        return stream().head().arn();
    }

    private synchronized ChangeStream stream() {
        return stream;
    }

    // ---- items ----

    @Override
    public void put(Map<String, AttributeValue> item) {
        put(item, streams.clock().instant());
    }

    /** Puts an item at this time; the order of records is that of the calls all the same. */
    public synchronized void put(Map<String, AttributeValue> item, Instant time) {
        replace(keys(item), Map.copyOf(item), time, false);
    }

    @Override
    public synchronized void putAll(List<Map<String, AttributeValue>> all) {
        all.forEach(this::put);
    }

    @Override
    public synchronized void update(Map<String, AttributeValue> key, Map<String, AttributeValue> changes) {
        Map<String, AttributeValue> image = new HashMap<>(items.getOrDefault(key, key));
        image.putAll(changes);
        replace(key, image, streams.clock().instant(), false);
    }

    @Override
    public synchronized void delete(Map<String, AttributeValue> key) {
        replace(key, null, streams.clock().instant(), false);
    }

    /** Deletes the item of this key because its time to live is over. */
    public synchronized void expire(Map<String, AttributeValue> key) {
        replace(key, null, streams.clock().instant(), true);
    }

    private synchronized Map<String, AttributeValue> keys(Map<String, AttributeValue> item) {
        Map<String, AttributeValue> keys = new HashMap<>(item);
        keys.keySet()
                .retainAll(
                        shape.keys().stream().map(TableShape.KeyAttribute::name).toList());
        return Map.copyOf(keys);
    }

    private synchronized void replace(
            Map<String, AttributeValue> key,
            @Nullable Map<String, AttributeValue> image,
            Instant time,
            boolean timeToLive) {
        Map<String, AttributeValue> before = image == null ? items.remove(key) : items.put(Map.copyOf(key), image);
        if (stream.isEnabled() && !Objects.equals(before, image)) {
            Change change = shown(Change.of(key, before, image, time));
            stream.append(timeToLive ? change.byTimeToLive() : change);
        }
    }

    /** A change with the images that the stream's view type lets through. */
    private Change shown(Change change) {
        boolean showsOld =
                shape.view() == StreamViewType.OLD_IMAGE || shape.view() == StreamViewType.NEW_AND_OLD_IMAGES;
        boolean showsNew =
                shape.view() == StreamViewType.NEW_IMAGE || shape.view() == StreamViewType.NEW_AND_OLD_IMAGES;
        return new Change(
                change.operation(),
                change.keys(),
                showsOld ? change.oldImage() : null,
                showsNew ? change.newImage() : null,
                change.time(),
                change.expired());
    }

    // ---- records ----

    /** Adds a record just as it is to the open shard of its item. The table's items stay as they are. */
    public StoredChange append(Change change) {
        return stream().append(change);
    }

    /** Adds a record just as it is to an open shard of the test's choice. */
    public StoredChange append(String shardId, Change change) {
        return stream().append(shardId, change);
    }

    /** The records that a shard keeps. */
    public List<StoredChange> records(String shardId) {
        return stream().records(shardId);
    }

    /** Forgets a shard's records up to and with this one. */
    public void trim(String shardId, String upToSequenceNumber) {
        stream().trim(shardId, upToSequenceNumber);
    }

    /** The sequence number behind which the last GetRecords call on a shard began to read; nothing before the first. */
    public Optional<String> lastReadAfter(String shardId) {
        ChangeStream current = stream();
        Long position = api.lastRead(current.head().arn(), shardId);
        return Optional.ofNullable(position).map(current::numberBefore);
    }

    // ---- shards ----

    /** The shards that DescribeStream tells of, in the order in which they were opened. */
    public List<ShardDescription> shards() {
        return stream().shards();
    }

    public List<String> openShards() {
        return shards().stream()
                .filter(ShardDescription::isOpen)
                .map(ShardDescription::shardId)
                .toList();
    }

    /** The open shard that takes changes of the item of this key. */
    public String shardOf(Map<String, AttributeValue> key) {
        return stream().shardOf(key);
    }

    @Override
    public void rollOver() {
        openShards().forEach(this::rollOver);
    }

    /** Closes a shard, as happens about every 4 hours; answers the one that follows it. */
    public String rollOver(String shardId) {
        return stream().rollOver(shardId);
    }

    /** Closes a shard, as happens when a partition is split; answers the two that follow it. */
    public List<String> split(String shardId) {
        return stream().split(shardId);
    }

    /** Leaves a shard out of DescribeStream, or not any more. It can be read all the same. */
    public void list(String shardId, boolean on) {
        stream().list(shardId, on);
    }

    /** Forgets a shard and what it holds. The shards that follow it still name it. */
    public void forget(String shardId) {
        stream().forget(shardId);
    }

    // ---- stream ----

    @Override
    public void disableStream() {
        stream().disable();
    }

    @Override
    public synchronized String enableStream() {
        if (stream.isEnabled()) {
            throw new IllegalStateException("Table already has an enabled stream: " + shape.name());
        }
        stream = newStream();
        return stream.head().arn();
    }

    /** Forgets the newest stream, as happens a day after it was disabled. */
    public void forgetStream() {
        streams.forget(stream());
    }

    /** Deletes the table. Its stream is disabled and can be read on. */
    @Override
    public void close() {
        stream().disable();
    }
}
