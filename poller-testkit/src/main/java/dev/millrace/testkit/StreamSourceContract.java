package dev.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StreamSource} and its readers promise. An adapter's test extends this and says how to make and fill a
 * stream.
 */
public abstract class StreamSourceContract {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final int MOST = 10_000;

    /** A stream that exists, and the source under test. */
    public interface StreamUnderTest {

        StreamSource source();

        /** Puts one record of this key, which the stream puts on the shard that it belongs to. */
        void put(String key, String data);

        /** Ends every open shard: others follow each of them. Returns when the stream takes records again. */
        void endShards();
    }

    /** Makes an empty stream of a name of its own and opens it. */
    protected abstract StreamUnderTest stream(int shards, List<String> filterPatterns);

    /** Opens a stream that does not exist on a server that does. */
    protected abstract StreamSource missing();

    /** Opens a stream at a place where nothing listens. */
    protected abstract StreamSource unreachable();

    /** The data that a record was put with. */
    protected abstract String data(StreamRecord record);

    /** A pattern that lets only records pass whose data is {@code {"kind":"order"}}. */
    protected abstract String orderPattern();

    /** Makes what readers keep to go on with unusable. A server that cannot do so on cue skips the test. */
    protected void expireIterators() {
        Assumptions.abort("this server expires nothing on cue");
    }

    /** The id of a shard that no stream has. */
    protected String missingShard() {
        return "shardId-000000004711";
    }

    /** Whether the source can be read from a time on. */
    protected boolean readsFromTimestamps() {
        return true;
    }

    private StreamUnderTest stream() {
        return stream(1, List.of());
    }

    // ---- the stream ----

    @Test
    void tellsItsRetentionAndWhenItWasCreated() throws Exception {
        var attributes = stream().source().describe();

        assertThat(attributes.retention()).isBetween(Duration.ofHours(1), Duration.ofDays(365));
        if (attributes.created() != null) {
            assertThat(attributes.created())
                    .isBetween(
                            Instant.now().minus(Duration.ofHours(1)),
                            Instant.now().plus(Duration.ofMinutes(1)));
        }
    }

    @Test
    void listsShardsThatWereCreatedWithTheStream() throws Exception {
        List<StreamShard> shards = stream(3, List.of()).source().shards();

        assertThat(shards).hasSize(3).allSatisfy(shard -> {
            assertThat(shard.closed()).isFalse();
            assertThat(shard.parents()).isEmpty();
        });
        assertThat(shards).extracting(StreamShard::shardId).doesNotHaveDuplicates();
    }

    @Test
    void listsEndedShardsAndWhatFollowsThem() throws Exception {
        StreamUnderTest stream = stream();
        String parent = onlyShard(stream);
        stream.put("k", "before the end");
        stream.endShards();

        List<StreamShard> shards = stream.source().shards();

        assertThat(shards)
                .filteredOn(shard -> shard.shardId().equals(parent))
                .singleElement()
                .satisfies(shard -> {
                    assertThat(shard.closed()).isTrue();
                });
        assertThat(shards)
                .filteredOn(shard -> !shard.shardId().equals(parent))
                .isNotEmpty()
                .allSatisfy(child -> {
                    assertThat(child.parents()).containsExactly(parent);
                    assertThat(child.closed()).isFalse();
                });
    }

    // ---- reading ----

    @Test
    void readsInTheOrderOfTheShard() throws Exception {
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 25);

        List<StreamRecord> records = readAll(reader(stream), OLDEST, MOST, 25);

        assertThat(records).extracting(this::data).isEqualTo(sent);
        for (int i = 1; i < records.size(); i++) {
            assertThat(records.get(i)
                            .sequenceNumber()
                            .isAfter(records.get(i - 1).sequenceNumber()))
                    .isTrue();
        }
        assertThat(records).allSatisfy(record -> {
            assertThat(record.matched()).isTrue();
            assertThat(record.arrival())
                    .isBetween(
                            Instant.now().minus(Duration.ofMinutes(10)),
                            Instant.now().plus(Duration.ofMinutes(1)));
        });
    }

    @Test
    void tellsTheKey() throws Exception {
        StreamUnderTest stream = stream();
        stream.put("a key \"of\" its own é😀", "x");

        List<StreamRecord> records = readAll(reader(stream), OLDEST, MOST, 1);
        stream.put("another", "y");
        stream.put("a key \"of\" its own é😀", "z");
        List<StreamRecord> more = readAll(reader(stream), after(records.getFirst()), MOST, 2);

        assertThat(more.get(0).key()).isNotEqualTo(records.getFirst().key());
        assertThat(more.get(1).key()).isEqualTo(records.getFirst().key());
    }

    @Test
    void readsNoMoreThanTheMaximum() throws Exception {
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 10);
        ShardReader reader = reader(stream);

        List<StreamRecord> records = readAll(reader, OLDEST, 3, 10);

        assertThat(records).extracting(this::data).isEqualTo(sent);
    }

    @Test
    void readsAfterAnyRecord() throws Exception {
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 6);
        List<StreamRecord> records = readAll(reader(stream), OLDEST, MOST, 6);

        for (int i = 0; i < 5; i++) {
            assertThat(readAll(reader(stream), after(records.get(i)), MOST, 5 - i))
                    .extracting(this::data)
                    .isEqualTo(sent.subList(i + 1, 6));
        }
    }

    @Test
    void anEmptyShardIsReadInVainAndNotEnded() throws Exception {
        ShardReader reader = reader(stream());

        for (int i = 0; i < 3; i++) {
            ShardRead read = reader.read(OLDEST, MOST);
            assertThat(read.records()).isEmpty();
            assertThat(read.atEnd()).isFalse();
        }
    }

    @Test
    void recordsThatArriveLaterAreReadLater() throws Exception {
        StreamUnderTest stream = stream();
        ShardReader reader = reader(stream);
        reader.read(OLDEST, MOST);
        stream.put("k", "first");
        StreamRecord first = readAll(reader, OLDEST, MOST, 1).getFirst();
        reader.read(after(first), MOST);
        stream.put("k", "second");

        assertThat(readAll(reader, after(first), MOST, 1))
                .extracting(this::data)
                .containsExactly("second");
    }

    @Test
    void saysWhenTheTipIsReached() throws Exception {
        StreamUnderTest stream = stream();
        putNumbered(stream, 4);
        ShardReader reader = reader(stream);
        List<StreamRecord> records = readAll(reader, OLDEST, 2, 4);

        Eventually.holds(
                "the tip is reached",
                () -> assertThat(reader.read(after(records.getLast()), MOST).behindLatest())
                        .isIn(Duration.ZERO, null));
    }

    @Test
    void anotherPositionIsReadAnew() throws Exception {
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 8);
        ShardReader reader = reader(stream);
        List<StreamRecord> records = readAll(reader, OLDEST, MOST, 8);

        assertThat(readAll(reader, after(records.get(2)), 2, 2))
                .as("back")
                .extracting(this::data)
                .isEqualTo(sent.subList(3, 5));
        assertThat(readAll(reader, after(records.get(2)), 3, 3))
                .as("the same once more")
                .extracting(this::data)
                .isEqualTo(sent.subList(3, 6));
        assertThat(readAll(reader, after(records.get(6)), MOST, 1))
                .as("ahead")
                .extracting(this::data)
                .isEqualTo(sent.subList(7, 8));
        assertThat(readAll(reader, OLDEST, MOST, 8))
                .as("all of it")
                .extracting(this::data)
                .isEqualTo(sent);
    }

    @Test
    void shardsAreReadAtTheSameTime() throws Exception {
        StreamUnderTest stream = stream(4, List.of());
        Set<String> sent = Set.copyOf(putNumbered(stream, 40));
        Set<String> seen = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (StreamShard shard : stream.source().shards()) {
            threads.add(Thread.ofVirtual().unstarted(() -> readUntilInterrupted(stream, shard, seen)));
        }
        threads.forEach(Thread::start);

        Eventually.until("every record was read", () -> seen.equals(sent));

        for (Thread thread : threads) {
            thread.interrupt();
            assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    private void readUntilInterrupted(StreamUnderTest stream, StreamShard shard, Set<String> seen) {
        try (ShardReader reader = stream.source().open(shard.shardId())) {
            ReadPosition position = OLDEST;
            while (true) {
                ShardRead read = reader.read(position, MOST);
                read.records().forEach(record -> seen.add(data(record)));
                position = read.records().isEmpty()
                        ? position
                        : after(read.records().getLast());
            }
        } catch (SourceException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            // Asked to stop.
            return;
        }
    }

    @Test
    void marksWhatTheFiltersRefuse() throws Exception {
        StreamUnderTest stream = stream(1, List.of(orderPattern()));
        stream.put("k", "{\"kind\":\"order\"}");
        stream.put("k", "{\"kind\":\"invoice\"}");
        stream.put("k", "{\"kind\":\"order\"}");

        assertThat(readAll(reader(stream), OLDEST, MOST, 3))
                .extracting(StreamRecord::matched)
                .containsExactly(true, false, true);
    }

    // ---- where to begin ----

    @Test
    void nothingThatArrivesAfterLatestIsMissed() throws Exception {
        StreamUnderTest stream = stream();
        List<String> before = putNumbered(stream, 3);
        ReadPosition latest = stream.source().latest(stream.source().shards().getFirst());
        stream.put("k", "after");
        stream.put("k", "after that");

        // Where the source tells its time in whole seconds, what came just before may be read too.
        List<StreamRecord> records = new ArrayList<>();
        ShardReader reader = reader(stream);
        Eventually.until("the last record was read", () -> {
            records.addAll(reader.read(records.isEmpty() ? latest : after(records.getLast()), MOST)
                    .records());
            return !records.isEmpty() && data(records.getLast()).equals("after that");
        });

        List<String> expected = new ArrayList<>(before);
        expected.addAll(List.of("after", "after that"));
        assertThat(expected).endsWith(records.stream().map(this::data).toArray(String[]::new));
        assertThat(records).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void latestOfAnEmptyShardCanBeReadFromLater() throws Exception {
        StreamUnderTest stream = stream();
        ReadPosition latest = stream.source().latest(stream.source().shards().getFirst());
        ShardReader reader = reader(stream);
        assertThat(reader.read(latest, MOST).records()).isEmpty();
        stream.put("k", "after");

        assertThat(readAll(reader, latest, MOST, 1)).extracting(this::data).containsExactly("after");
    }

    @Test
    void readsFromATimeOn() throws Exception {
        Assumptions.assumeTrue(readsFromTimestamps(), "this source cannot be read from a time on");
        StreamUnderTest stream = stream();
        putNumbered(stream, 10);
        List<StreamRecord> all = readAll(reader(stream), OLDEST, MOST, 10);

        for (StreamRecord from : all) {
            List<SequenceNumber> expected = all.stream()
                    .filter(record -> !record.arrival().isBefore(from.arrival()))
                    .map(StreamRecord::sequenceNumber)
                    .toList();
            assertThat(readAll(reader(stream), new ReadPosition.AtTimestamp(from.arrival()), MOST, expected.size()))
                    .extracting(StreamRecord::sequenceNumber)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aTimeBeforeTheFirstRecordMeansTheFirstRecord() throws Exception {
        Assumptions.assumeTrue(readsFromTimestamps(), "this source cannot be read from a time on");
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 3);

        assertThat(readAll(
                        reader(stream),
                        new ReadPosition.AtTimestamp(Instant.now().minus(Duration.ofHours(1))),
                        MOST,
                        3))
                .extracting(this::data)
                .isEqualTo(sent);
    }

    // ---- the end of a shard ----

    @Test
    void anEndedShardIsReadToItsEnd() throws Exception {
        StreamUnderTest stream = stream();
        String parent = onlyShard(stream);
        List<String> sent = putNumbered(stream, 5);
        stream.endShards();
        List<String> following = following(stream, parent);

        List<StreamRecord> records = new ArrayList<>();
        ShardRead end = readToEnd(stream.source().open(parent), OLDEST, 2, records);

        assertThat(records).extracting(this::data).isEqualTo(sent);
        assertThat(end.children())
                .satisfiesAnyOf(children -> assertThat(children).isEmpty(), children -> {
                    assertThat(children)
                            .extracting(StreamShard::shardId)
                            .containsExactlyInAnyOrderElementsOf(following);
                    assertThat(children)
                            .allSatisfy(child -> assertThat(child.parents()).containsExactly(parent));
                });
    }

    @Test
    void anEndedShardWithoutRecordsHasItsEndToo() throws Exception {
        StreamUnderTest stream = stream();
        String parent = onlyShard(stream);
        stream.endShards();

        List<StreamRecord> records = new ArrayList<>();
        assertThat(readToEnd(stream.source().open(parent), OLDEST, MOST, records)
                        .atEnd())
                .isTrue();
        assertThat(records).isEmpty();
    }

    @Test
    void aShardThatEndsWhileItIsReadIsReadToItsEnd() throws Exception {
        StreamUnderTest stream = stream();
        String parent = onlyShard(stream);
        ShardReader reader = stream.source().open(parent);
        stream.put("k", "one");
        StreamRecord one = readAll(reader, OLDEST, MOST, 1).getFirst();
        reader.read(after(one), MOST);
        stream.put("k", "two");
        stream.endShards();

        List<StreamRecord> records = new ArrayList<>();
        readToEnd(reader, after(one), MOST, records);

        assertThat(records).extracting(this::data).containsExactly("two");
    }

    @Test
    void theEndIsFoundAgain() throws Exception {
        StreamUnderTest stream = stream();
        String parent = onlyShard(stream);
        putNumbered(stream, 2);
        stream.endShards();
        ShardReader reader = stream.source().open(parent);
        List<StreamRecord> records = new ArrayList<>();
        readToEnd(reader, OLDEST, MOST, records);

        List<StreamRecord> none = new ArrayList<>();
        readToEnd(reader, after(records.getLast()), MOST, none);
        readToEnd(stream.source().open(parent), after(records.getLast()), MOST, none);

        assertThat(none).isEmpty();
    }

    @Test
    void shardsThatFollowAreReadFromTheirBeginning() throws Exception {
        StreamUnderTest stream = stream();
        String parent = onlyShard(stream);
        stream.endShards();
        Set<String> sent = Set.copyOf(putNumbered(stream, 20));

        Set<String> seen = ConcurrentHashMap.newKeySet();
        List<ShardReader> readers =
                following(stream, parent).stream().map(stream.source()::open).toList();
        Eventually.until("every record was read", () -> {
            for (ShardReader reader : readers) {
                reader.read(OLDEST, MOST).records().forEach(record -> seen.add(data(record)));
            }
            return seen.equals(sent);
        });
    }

    // ---- failures ----

    @Test
    void whatWasNotUsedForTooLongIsReadAnewFromTheSamePosition() throws Exception {
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 4);
        ShardReader reader = reader(stream);
        List<StreamRecord> records = readAll(reader, OLDEST, 2, 2);
        ReadPosition position = after(records.getLast());
        expireIterators();

        assertThatProblem(() -> reader.read(position, 2), Kind.EXPIRED_ITERATOR);

        assertThat(readAll(reader, position, 2, 2)).extracting(this::data).isEqualTo(sent.subList(2, 4));
    }

    @Test
    void aMissingStreamIsNotFound() {
        assertThatProblem(() -> missing().describe(), Kind.NOT_FOUND);
        assertThatProblem(() -> missing().shards(), Kind.NOT_FOUND);
    }

    @Test
    void aMissingShardIsNotFound() throws Exception {
        ShardReader reader = stream().source().open(missingShard());

        // By fan-out it is the second read that asks for the shard itself.
        Eventually.holds("it is not found", () -> assertThatProblem(() -> reader.read(OLDEST, 1), Kind.NOT_FOUND));
    }

    @Test
    void aRefusedConnectionIsUnavailable() throws Exception {
        assertThatProblem(() -> unreachable().describe(), Kind.UNAVAILABLE);
        assertThatProblem(() -> unreachable().shards(), Kind.UNAVAILABLE);
        ShardReader reader = unreachable().open("shardId-000000000000");
        // The SDK's asynchronous client loses a refusal now and then, and tells after 10 s that it had no connection.
        Eventually.holds("it is unavailable", () -> assertThatProblem(() -> reader.read(OLDEST, 1), Kind.UNAVAILABLE));
    }

    @Test
    void anInterruptEndsReading() throws Exception {
        StreamUnderTest stream = stream();
        ShardReader reader = reader(stream);
        CountDownLatch reading = new CountDownLatch(1);
        BlockingQueue<Object> outcome = new ArrayBlockingQueue<>(1);
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    reading.countDown();
                    reader.read(OLDEST, MOST);
                }
            } catch (SourceException | InterruptedException e) {
                outcome.add(e);
            }
        });
        reading.await();
        thread.interrupt();

        assertThat(outcome.poll(4, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        stream.put("k", "x");
        assertThat(readAll(reader, OLDEST, MOST, 1)).as("the reader can go on").hasSize(1);
    }

    @Test
    void anInterruptBeforeTheCallCountsToo() throws Exception {
        ShardReader reader = reader(stream());
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> reader.read(OLDEST, MOST)).isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).as("interrupt used up").isFalse();
    }

    @Test
    void readersAreClosedAtAnyTime() throws Exception {
        StreamUnderTest stream = stream();
        putNumbered(stream, 2);
        reader(stream).close();
        ShardReader reader = reader(stream);
        readAll(reader, OLDEST, 1, 1);

        reader.close();
        reader.close();
    }

    @Test
    void aReaderIsUsedFromChangingThreads() throws Exception {
        StreamUnderTest stream = stream();
        List<String> sent = putNumbered(stream, 6);
        ShardReader reader = reader(stream);
        List<StreamRecord> records = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Eventually.until("every record was read", () -> {
                ReadPosition position = records.isEmpty() ? OLDEST : after(records.getLast());
                Future<ShardRead> read = threads.submit(() -> reader.read(position, 1));
                records.addAll(read.get(20, TimeUnit.SECONDS).records());
                return records.size() == 6;
            });
        }
        assertThat(records).extracting(this::data).isEqualTo(sent);
    }

    // ---- for adapters' own tests ----

    /** A call to a source that fails. */
    @FunctionalInterface
    protected interface Call {
        void run() throws SourceException, InterruptedException;
    }

    /** Asserts that the call fails with this kind of problem, and that the message says more than the kind. */
    protected static void assertThatProblem(Call call, Kind kind) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(SourceException.class, e -> {
            assertThat(e.problem().kind()).as(e.problem().message()).isEqualTo(kind);
            assertThat(e.problem().message()).hasSizeGreaterThan(20);
        });
    }

    /** Reads until there are that many records, each read going on where the last one ended; there must not be more. */
    protected static List<StreamRecord> readAll(ShardReader reader, ReadPosition from, int maximum, int count) {
        ShardReading reading = new ShardReading(reader, from, maximum);
        reading.readUntil(count + " records", () -> reading.records().size() >= count);
        assertThat(reading.records()).hasSize(count);
        return reading.records();
    }

    /** Reads to the end of an ended shard, and answers the last read. */
    protected static ShardRead readToEnd(ShardReader reader, ReadPosition from, int maximum, List<StreamRecord> into) {
        ShardReading reading = new ShardReading(reader, from, maximum);
        reading.readUntil("the end", () -> reading.atEnd());
        into.addAll(reading.records());
        return Objects.requireNonNull(reading.last());
    }

    protected static ReadPosition after(StreamRecord record) {
        return new ReadPosition.After(record.sequenceNumber());
    }

    private static ShardReader reader(StreamUnderTest stream) throws SourceException, InterruptedException {
        return stream.source().open(onlyShard(stream));
    }

    private static String onlyShard(StreamUnderTest stream) throws SourceException, InterruptedException {
        List<StreamShard> shards = stream.source().shards();
        assertThat(shards).hasSize(1);
        return shards.getFirst().shardId();
    }

    private static List<String> following(StreamUnderTest stream, String parent)
            throws SourceException, InterruptedException {
        return stream.source().shards().stream()
                .filter(shard -> shard.parents().contains(parent))
                .map(StreamShard::shardId)
                .toList();
    }

    /** Puts records of different keys, one after the other. */
    private static List<String> putNumbered(StreamUnderTest stream, int count) {
        List<String> sent = new ArrayList<>();
        IntStream.range(0, count).forEach(i -> {
            stream.put("key-" + i, "data-" + i);
            sent.add("data-" + i);
        });
        return sent;
    }
}
