package dev.millrace.runner;

import dev.millrace.source.Keying;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Streams that a mapping stands for by one ARN, the newest last; others of its name are forgotten. Thread-safe. */
final class MemoryStreams implements StreamSource {

    /** How the ARNs of all of them begin. */
    static final String NAME = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/";

    private final List<MemoryStream> streams = new CopyOnWriteArrayList<>();
    private volatile MemoryStream read;

    /** Reads the newest of these until it is told otherwise. */
    MemoryStreams(MemoryStream... streams) {
        this.streams.addAll(List.of(streams));
        this.read = this.streams.getLast();
    }

    void add(MemoryStream newest) {
        streams.add(newest);
    }

    @Override
    public String arn() {
        return read.arn();
    }

    @Override
    public boolean standsFor(String streamArn) {
        return streamArn.startsWith(NAME);
    }

    @Override
    public void goOnWith(String streamArn) {
        read = streams.stream()
                .filter(stream -> stream.arn().equals(streamArn))
                .findFirst()
                .orElse(read);
    }

    @Override
    public Optional<String> successor() {
        return Optional.of(streams.getLast().arn()).filter(newest -> !newest.equals(arn()));
    }

    @Override
    public StreamAttributes describe() throws InterruptedException {
        return read.describe();
    }

    @Override
    public List<StreamShard> shards() throws SourceException {
        return read.shards();
    }

    @Override
    public ReadPosition latest(StreamShard shard) {
        return read.latest(shard);
    }

    @Override
    public ShardReader open(String shardId) {
        return read.open(shardId);
    }

    @Override
    public ReadPacing pacing() {
        return read.pacing();
    }

    @Override
    public Keying keying() {
        return read.keying();
    }

    @Override
    public void close() {}
}
