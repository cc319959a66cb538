package dev.millrace.testkit.kinesis;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.kinesis.model.Placed;
import dev.millrace.testkit.kinesis.model.ShardDescription;
import dev.millrace.testkit.kinesis.model.ShardFilter;
import dev.millrace.testkit.kinesis.model.StoredRecord;
import dev.millrace.testkit.kinesis.operation.Service;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A stream of a {@link KinesisServer} as tests fill, change and examine it, past the wire. Thread-safe. */
public final class TestStream {

    private final Service service;
    private final DataStream stream;

    TestStream(Service service, DataStream stream) {
        this.service = service;
        this.stream = stream;
    }

    public String name() {
        return stream.name();
    }

    public String arn() {
        return stream.arn();
    }

    // ---- records ----

    /** Puts a record that arrives now. */
    public Placed put(String partitionKey, String data) {
        return put(partitionKey, Payload.ofText(data));
    }

    public Placed put(String partitionKey, Payload data) {
        return stream.put(partitionKey, null, data, null);
    }

    /** Puts a record that arrived at this time; order is that of the calls all the same. */
    public Placed put(String partitionKey, Payload data, Instant arrival) {
        return stream.put(partitionKey, null, data, arrival);
    }

    /** Puts a record on an open shard of the test's choice. */
    public Placed putOn(String shardId, String partitionKey, Payload data) {
        return stream.put(partitionKey, stream.shard(shardId).range().start(), data, null);
    }

    /** Puts a record that arrived at this time on an open shard of the test's choice. */
    public Placed putOn(String shardId, String partitionKey, Payload data, Instant arrival) {
        return stream.put(partitionKey, stream.shard(shardId).range().start(), data, arrival);
    }

    /** The records that a shard keeps. */
    public List<StoredRecord> records(String shardId) {
        return stream.records(shardId);
    }

    /** Forgets the records up to and with this one, and the shard when it is closed and nothing is left of it. */
    public void trim(String shardId, String upToSequenceNumber) {
        stream.trim(shardId, upToSequenceNumber);
    }

    public void retain(Duration time) {
        stream.retain(time);
    }

    /** The sequence number behind which the last GetRecords call on a shard began to read; nothing before the first. */
    public Optional<String> lastReadAfter(String shardId) {
        Long index = service.lastRead(stream.name(), shardId);
        return Optional.ofNullable(index).map(from -> stream.numberBefore(shardId, from));
    }

    // ---- shards ----

    /** All shards that are there, in the order in which they were opened. */
    public List<ShardDescription> shards() {
        return stream.shards(new ShardFilter.Everything());
    }

    public List<String> openShards() {
        return stream.shards(new ShardFilter.AtLatest()).stream()
                .map(ShardDescription::shardId)
                .toList();
    }

    /** The open shards by the beginning of their hash keys. */
    public List<String> openByHashKey() {
        return stream.shards(new ShardFilter.AtLatest()).stream()
                .sorted(Comparator.comparing(shard -> shard.range().start()))
                .map(ShardDescription::shardId)
                .toList();
    }

    /** The open shard that takes records of this partition key. */
    public String shardOf(String partitionKey) {
        return stream.shardOf(partitionKey, null);
    }

    /** Splits a shard in the middle; answers the two that follow it. */
    public List<String> split(String shardId) {
        return split(shardId, stream.shard(shardId).range().middle());
    }

    public List<String> split(String shardId, BigInteger newStartingHashKey) {
        return stream.split(shardId, newStartingHashKey);
    }

    /** Merges two neighbours; answers the shard that follows them. */
    public String merge(String shardId, String adjacentShardId) {
        return stream.merge(shardId, adjacentShardId);
    }

    /** Splits and merges until the stream has so many open shards. */
    public void resize(int openShards) {
        stream.resize(openShards);
    }

    /** A new consumer with enhanced fan-out; answers its ARN. */
    public String consumer(String consumerName) {
        return stream.consumers().register(consumerName).arn();
    }

    public void delete() {
        service.account().delete(stream);
    }
}
