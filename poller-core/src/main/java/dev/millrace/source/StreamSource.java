package dev.millrace.source;

import java.util.List;

/** One stream. Called from many virtual threads at once; see {@link ShardReader} for time limits and interrupts. */
public interface StreamSource extends AutoCloseable {

    /** Reads the stream's attributes. Called at start and every few minutes. */
    StreamAttributes describe() throws SourceException, InterruptedException;

    /**
     * Every shard that the source still has, open and closed, in any order. Called at start, every minute or so, and when a
     * shard has ended.
     */
    List<StreamShard> shards() throws SourceException, InterruptedException;

    /**
     * The place behind the newest record of an open shard, as a position that can be stored: a record that arrives after
     * this call was made is behind it. Called once per shard, when a mapping that starts at LATEST is created.
     */
    ReadPosition latest(StreamShard shard) throws SourceException, InterruptedException;

    /** A reader of the shard; does not call the source. */
    ShardReader open(String shardId);

    /** How often shards of this stream are read. */
    ReadPacing pacing();

    /** By which keys its readers tell records apart; the same for as long as it is open. */
    Keying keying();

    @Override
    void close();
}
