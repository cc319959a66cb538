package dev.millrace.source;

import java.util.List;
import java.util.Optional;

/** One stream. Called from many virtual threads at once; see {@link ShardReader} for time limits and interrupts. */
public interface StreamSource extends AutoCloseable {

    /** Reads the stream's attributes. Called at start and every few minutes. */
    StreamAttributes describe() throws SourceException, InterruptedException;

    /**
     * The ARN of the stream that is read, for events and for what is stored: the mapping's, unless that stands for one stream
     * after the other. Called when {@link #describe()} has answered; does not call the source.
     */
    String arn();

    /** Whether the mapping's ARN stands for one stream after the other, and this is one of them. Does not call the source. */
    default boolean standsFor(String streamArn) {
        return false;
    }

    /**
     * Has this stream read from here on, one that the mapping's ARN stands for. Called before {@link #describe()} while no shard
     * is read; does not call the source. Where the source has forgotten the stream, {@link #describe()} goes over to the one that
     * it should read instead.
     */
    default void goOnWith(String streamArn) {}

    /** The stream that comes after the one that is read, of those that the mapping's ARN stands for one after the other. */
    default Optional<String> successor() throws SourceException, InterruptedException {
        return Optional.empty();
    }

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
