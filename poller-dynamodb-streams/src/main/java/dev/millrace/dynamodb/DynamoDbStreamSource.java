package dev.millrace.dynamodb;

import dev.millrace.aws.stream.ServiceTime;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPacing;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamAttributes;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.Stream;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;

/** One table's stream through the AWS SDK. Thread-safe. Serialising and filtering happen on the thread that reads. */
final class DynamoDbStreamSource implements StreamSource {

    /**
     * Idle: AWS's own pollers ask four times a second (spec 3.2). Busy: no limit of reads is documented; this is 50 times what a
     * shard takes in a second, and bounds the calls where the host's clock is so far ahead that every record seems old. What
     * is too much is throttled, and the pauses grow then. Longest: an answer has up to 1 MiB.
     */
    static final ReadPacing POLLING =
            new ReadPacing(Duration.ofMillis(20), Duration.ofMillis(250), Duration.ofSeconds(15));

    /** Fixed (spec 3.2). */
    static final Duration RETENTION = Duration.ofHours(24);

    /** DynamoDB's own limit. */
    private static final int SHARDS_PER_PAGE = 100;

    /** Far above any stream, so that a server that never ends the list is noticed. */
    private static final int MOST_PAGES = 1_000;

    private final TableStream stream;
    private final DynamoDbCalls calls;
    private final ChangeRecords records;

    /** Those that were closed when they were listed last. Replaced as a whole. */
    private volatile Set<String> closed = Set.of();
    /** What a listing had when it was throttled. Replaced as a whole. */
    private volatile @Nullable Listing unfinished;

    DynamoDbStreamSource(TableStream stream, DynamoDbCalls calls, ChangeRecords records) {
        this.stream = stream;
        this.calls = calls;
        this.records = records;
    }

    @Override
    public StreamAttributes describe() throws SourceException, InterruptedException {
        StreamDescription description = described();
        return new StreamAttributes(RETENTION, description.creationRequestDateTime(), ended(description));
    }

    private StreamDescription described() throws SourceException, InterruptedException {
        try {
            return calls.describe(null, 1);
        } catch (SourceException e) {
            if (e.problem().kind() != Kind.NOT_FOUND || !stream.isLatest()) {
                throw e;
            }
            // DynamoDB forgets a stream 24 hours after it was disabled. The next one may be disabled as well, and still
            // have records.
            String known = calls.knownArn();
            List<Stream> there = calls.tableStreams();
            boolean listed = there.stream().anyMatch(one -> one.streamArn().equals(known));
            calls.choose(DynamoDbCalls.next(there, known).filter(_ -> !listed).orElseThrow(() -> e));
            return calls.describe(null, 1);
        }
    }

    @Override
    public String arn() {
        return calls.knownArn();
    }

    @Override
    public boolean standsFor(String streamArn) {
        return stream.standsFor(streamArn);
    }

    @Override
    public void goOnWith(String streamArn) {
        calls.choose(streamArn);
    }

    /** The one that was enabled next, not the newest: where there are streams in between, they have records of their own. */
    @Override
    public Optional<String> successor() throws SourceException, InterruptedException {
        if (!stream.isLatest()) {
            return Optional.empty();
        }
        return DynamoDbCalls.next(calls.tableStreams(), calls.streamArn());
    }

    /** Why the table's changes do not go into the stream any more; null while they do. */
    private @Nullable String ended(StreamDescription description) throws SourceException, InterruptedException {
        return switch (description.streamStatus()) {
            case DISABLING, DISABLED ->
                calls.streamArn()
                        + ": the stream was disabled, so the table's changes do not go into it. What it has is"
                        + " read to its end. " + remedy();
            case null, default -> null;
        };
    }

    private String remedy() throws SourceException, InterruptedException {
        if (!stream.isLatest()) {
            return "Where it was enabled again the table has another one: set EventSourceArn to that.";
        }
        return successor()
                .map(next -> "The table has a newer one, " + next + ", which is processed after this one.")
                .orElse("Where it is enabled again the table has another one, which is processed after this one.");
    }

    /**
     * Goes on at the page that was throttled, if one was: DynamoDB answers ten such calls a second for a whole account, so that a
     * stream of many pages could never be listed in one go.
     */
    @Override
    public List<StreamShard> shards() throws SourceException, InterruptedException {
        String streamArn = calls.streamArn();
        Listing listing = unfinished;
        if (listing == null || !listing.streamArn().equals(streamArn)) {
            listing = new Listing(streamArn, List.of(), null);
        }
        unfinished = null;
        for (int pages = 0; pages < MOST_PAGES; pages++) {
            listing = listing.and(page(listing));
            if (listing.last() == null) {
                closed = listing.shards().stream()
                        .filter(StreamShard::closed)
                        .map(StreamShard::shardId)
                        .collect(Collectors.toUnmodifiableSet());
                return listing.shards();
            }
        }
        throw calls.failures().endless("shards");
    }

    private StreamDescription page(Listing listing) throws SourceException, InterruptedException {
        try {
            return calls.describe(listing.last(), SHARDS_PER_PAGE);
        } catch (SourceException e) {
            unfinished = e.problem().kind() == Kind.THROTTLED ? listing : null;
            throw e;
        }
    }

    /**
     * A list of a stream's shards, as far as it is known.
     *
     * @param last of these; null before the first page and after the last one
     */
    private record Listing(
            String streamArn,
            List<StreamShard> shards,
            @Nullable String last) {

        private Listing and(StreamDescription page) {
            List<StreamShard> all = new ArrayList<>(shards);
            page.shards().forEach(shard -> all.add(DynamoDbShard.listed(shard)));
            return new Listing(streamArn, all, page.lastEvaluatedShardId());
        }
    }

    /**
     * DynamoDB has no name for the tip of a shard that could be stored, and no iterator at a time either: this is the
     * service's time when it was asked, rounded as it rounds the times of records. So records of the second before are read
     * too, at DynamoDB Local those of the minute, which is better than to miss one.
     */
    @Override
    public ReadPosition latest(StreamShard shard) throws SourceException, InterruptedException {
        return new ReadPosition.AtTimestamp(
                ServiceTime.before(() -> calls.latest(shard.shardId())).truncatedTo(rounding()));
    }

    /** To what the service rounds the creation times of records down. */
    private ChronoUnit rounding() {
        return stream.place().isEmulator() ? ChronoUnit.MINUTES : ChronoUnit.SECONDS;
    }

    @Override
    public ShardReader open(String shardId) {
        return new DynamoDbShard(
                        calls,
                        shardId,
                        () -> closed.contains(shardId),
                        records,
                        rounding().getDuration(),
                        InstantSource.system())
                .reader(System::nanoTime);
    }

    @Override
    public ReadPacing pacing() {
        return POLLING;
    }

    @Override
    public Keying keying() {
        return Keying.WHOLE;
    }

    /** Nothing to close: the clients belong to the provider. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "DynamoDbStreamSource[" + stream.source() + "]";
    }
}
