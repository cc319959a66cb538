package dev.millrace.kinesis;

import dev.millrace.aws.stream.ServiceTime;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;

/** One Kinesis stream through the AWS SDK. Thread-safe. Serialising and filtering happen on the thread that reads. */
final class KinesisStreamSource implements StreamSource {

    /**
     * Busy: Kinesis answers 5 reads a second for each shard. Idle: AWS's own pollers ask once a second (spec 3.1). Longest:
     * an answer has up to 10 MiB, which Kinesis sends at 2 MiB/s.
     */
    static final ReadPacing POLLING =
            new ReadPacing(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(15));

    /** With 1,000 shards on each: far above any stream, so that a server that never ends the list is noticed. */
    private static final int MOST_PAGES = 1_000;

    private final StreamAddress address;
    private final KinesisCalls calls;
    private final ReadPacing pacing;
    private final Keying keying;
    private final Function<String, ShardReader> readers;

    /**
     * A stream.
     *
     * @param readers makes the reader of a shard
     */
    KinesisStreamSource(
            StreamAddress address,
            KinesisCalls calls,
            ReadPacing pacing,
            Keying keying,
            Function<String, ShardReader> readers) {
        this.address = address;
        this.calls = calls;
        this.pacing = pacing;
        this.keying = keying;
        this.readers = readers;
    }

    @Override
    public StreamAttributes describe() throws SourceException, InterruptedException {
        return calls.describe();
    }

    @Override
    public String arn() {
        return address.source().ofStream().toString();
    }

    @Override
    public List<StreamShard> shards() throws SourceException, InterruptedException {
        List<StreamShard> shards = new ArrayList<>();
        ListShardsResponse page = calls.shards(null);
        page.shards().forEach(shard -> shards.add(shard(shard)));
        for (int pages = 1; page.nextToken() != null; pages++) {
            if (pages == MOST_PAGES) {
                throw endless();
            }
            page = calls.shards(page.nextToken());
            page.shards().forEach(shard -> shards.add(shard(shard)));
        }
        return shards;
    }

    private static StreamShard shard(Shard shard) {
        List<String> parents = new ArrayList<>(2);
        if (shard.parentShardId() != null) {
            parents.add(shard.parentShardId());
        }
        if (shard.adjacentParentShardId() != null) {
            parents.add(shard.adjacentParentShardId());
        }
        boolean closed = shard.sequenceNumberRange() != null
                && shard.sequenceNumberRange().endingSequenceNumber() != null;
        return new StreamShard(shard.shardId(), parents, closed);
    }

    private SourceException endless() {
        String message = address.source() + ": " + address.place() + " does not end its list of shards.";
        return new SourceException(new SourceProblem(Kind.REJECTED, message), new IllegalStateException(message));
    }

    /**
     * Kinesis has no name for the tip of a shard that could be stored, so this is the service's time when it was asked. It
     * tells whole seconds of its answer only; so records of up to a second before the call are read too, which is better
     * than to miss one that arrived during it.
     */
    @Override
    public ReadPosition latest(StreamShard shard) throws SourceException, InterruptedException {
        return new ReadPosition.AtTimestamp(ServiceTime.before(() -> calls.latest(shard.shardId())));
    }

    @Override
    public ShardReader open(String shardId) {
        return readers.apply(shardId);
    }

    @Override
    public ReadPacing pacing() {
        return pacing;
    }

    @Override
    public Keying keying() {
        return keying;
    }

    /** Nothing to close: the clients belong to the provider. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "KinesisStreamSource[" + address.source() + "]";
    }
}
