package dev.millrace.testkit.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardCheckpoint.Ahead;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.testkit.Eventually;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link CheckpointStore} promises. A store's test extends this. */
public abstract class CheckpointStoreContract {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");
    private static final String ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
    private static final String SHARD = "shardId-000000000000";
    private static final Instant NOW = Instant.parse("2026-03-01T12:34:56.123456789Z");

    /** As long as Kinesis makes them. */
    private static final String LONG_NUMBER = "49590338271490256608559692538361571095921575989136588898";

    private static final int MEGABYTE = 1024 * 1024;
    private static final int THREADS = 100;
    private static final int SAVES_OF_A_THREAD = 20;

    private CheckpointStore store;

    /** Opens the store: the first time in a test with nothing in it, then with what is stored, after it was closed. */
    protected abstract CheckpointStore open() throws Exception;

    /** The audit of a mapping as people read it, newest first. The store has been opened, and is closed at this moment. */
    protected abstract List<AuditEntry> audit(UUID mapping) throws Exception;

    @BeforeEach
    final void openTheStore() throws Exception {
        store = open();
    }

    @AfterEach
    final void closeTheStore() {
        store.close();
    }

    private void reopen() throws Exception {
        store.close();
        store = open();
    }

    /** Creates the mapping in place of the one that is stored. */
    private void create(UUID mapping, MappingProgress progress) throws Exception {
        assertThat(store.create(mapping, progress, store.load(mapping).orElse(null)))
                .isTrue();
    }

    /** Claims the shard as whoever begins it does, and saves it. */
    private void save(UUID mapping, String shardId, ShardProgress progress) throws Exception {
        store.claim(mapping, shardId, NOW);
        store.save(mapping, shardId, progress);
    }

    // ---- every field ----

    @Test
    void beginsWithNothing() throws Exception {
        assertThat(store.load(MAPPING)).isEmpty();

        store.close();
        assertThat(audit(MAPPING)).isEmpty();
    }

    static Stream<MappingProgress> mappingsToKeep() {
        return Stream.of(
                new MappingProgress(ARN, NOW, null, Map.of()),
                new MappingProgress(ARN, NOW, Instant.parse("2020-01-01T00:00:00Z"), Map.of()),
                new MappingProgress("arn:é世界😀'\";--%", Instant.MIN, Instant.MAX, Map.of()));
    }

    @ParameterizedTest
    @MethodSource("mappingsToKeep")
    void keepsEveryFieldOfAMapping(MappingProgress mapping) throws Exception {
        create(MAPPING, mapping);

        assertThat(store.load(MAPPING)).contains(mapping);
        reopen();
        assertThat(store.load(MAPPING)).contains(mapping);
    }

    static Stream<ShardProgress> shardsToKeep() {
        ReadPosition horizon = new ReadPosition.TrimHorizon();
        return Stream.of(
                ShardProgress.startingAt(horizon),
                ShardProgress.startingAt(new ReadPosition.AtTimestamp(NOW)),
                ShardProgress.startingAt(new ReadPosition.AtTimestamp(Instant.EPOCH.minusNanos(1))),
                ShardProgress.startingAt(new ReadPosition.AtTimestamp(Instant.MAX)),
                ShardProgress.startingAt(new ReadPosition.After(SequenceNumber.of(LONG_NUMBER))),
                ShardProgress.startingAt(new ReadPosition.After(SequenceNumber.of(LONG_NUMBER + ":12"))),
                ShardProgress.skipped(Instant.EPOCH),
                at(new ShardCheckpoint(SequenceNumber.of("042:7"), null, List.of(ahead("42:8", null, "42:999999999")))),
                at(new ShardCheckpoint(SequenceNumber.of("00000000000000000000042"), null, List.of())),
                at(new ShardCheckpoint(null, NOW, List.of())),
                at(new ShardCheckpoint(SequenceNumber.of("0"), Instant.MIN, List.of())),
                at(new ShardCheckpoint(null, null, List.of(ahead((String) null)))),
                at(new ShardCheckpoint(null, null, List.of(ahead((String) null), ahead((String) null)))),
                at(new ShardCheckpoint(null, null, List.of(ahead(null, null, null)))),
                at(new ShardCheckpoint(SequenceNumber.of("7"), NOW, List.of(ahead("8", null)))),
                at(new ShardCheckpoint(SequenceNumber.of("7"), NOW, List.of(ahead(null, "8")))),
                at(new ShardCheckpoint(SequenceNumber.of("7"), NOW, List.of(tenLanes(1)))),
                at(new ShardCheckpoint(SequenceNumber.of("7"), NOW, List.of(tenLanes(5), ahead("009"), tenLanes(0)))),
                at(new ShardCheckpoint(null, null, List.of(unpacked(ahead("8", null, "9:3")), ahead("10")))),
                at(new ShardCheckpoint(null, null, List.of(unpacked(ahead((String) null))))),
                new ShardProgress(horizon, ShardCheckpoint.NONE, new WindowProgress(NOW, Payload.ofText("{}")), false),
                new ShardProgress(horizon, ShardCheckpoint.NONE, new WindowProgress(Instant.MAX, Payload.EMPTY), true));
    }

    private static ShardProgress at(ShardCheckpoint checkpoint) {
        return new ShardProgress(new ReadPosition.TrimHorizon(), checkpoint, null, false);
    }

    private static Ahead ahead(@Nullable String... marks) {
        List<@Nullable SequenceNumber> numbers = new ArrayList<>();
        for (String mark : marks) {
            numbers.add(mark == null ? null : SequenceNumber.of(mark));
        }
        return new Ahead(Keying.WHOLE, numbers);
    }

    private static Ahead unpacked(Ahead marks) {
        return new Ahead(Keying.UNPACKED, marks.marks());
    }

    private static Ahead tenLanes(int unsettled) {
        @Nullable String[] marks = new String[10];
        for (int lane = 0; lane < marks.length; lane++) {
            marks[lane] = lane == unsettled ? null : LONG_NUMBER.substring(0, 50) + lane;
        }
        return ahead(marks);
    }

    @ParameterizedTest
    @MethodSource("shardsToKeep")
    void keepsEveryFieldOfAShard(ShardProgress shard) throws Exception {
        create(MAPPING, new MappingProgress(ARN, NOW, null, Map.of("created", shard)));
        save(MAPPING, "saved", shard);

        assertSame(stored("created"), shard);
        assertSame(stored("saved"), shard);
        reopen();
        assertSame(stored("created"), shard);
        assertSame(stored("saved"), shard);
    }

    @Test
    void keepsAWindowsStateOfAMegabyteByteByByte() throws Exception {
        byte[] state = new byte[MEGABYTE];
        new Random(1).nextBytes(state);
        state[0] = 0;
        Payload segments =
                Payload.joined(List.of(Payload.ofText("{\"é世界\":\"\\u0000"), Payload.of(state), Payload.ofText("\"}")));
        ShardProgress shard = new ShardProgress(
                new ReadPosition.TrimHorizon(), ShardCheckpoint.NONE, new WindowProgress(NOW, segments), false);
        create(MAPPING, mapping(Map.of()));

        save(MAPPING, SHARD, shard);

        reopen();
        assertSame(stored(SHARD), shard);
    }

    private static MappingProgress mapping(Map<String, ShardProgress> shards) {
        return new MappingProgress(ARN, NOW, null, shards);
    }

    private static ShardProgress settled(long number) {
        return at(new ShardCheckpoint(SequenceNumber.of(Long.toString(number)), NOW.plusNanos(number), List.of()));
    }

    private ShardProgress stored(String shardId) throws Exception {
        Map<String, ShardProgress> shards = store.load(MAPPING).orElseThrow().shards();
        return Optional.ofNullable(shards.get(shardId)).orElseThrow();
    }

    /** Two payloads are never equal, and two sequence numbers are when they are printed differently. */
    private static void assertSame(ShardProgress actual, ShardProgress expected) {
        assertThat(actual).hasToString(expected.toString());
        assertThat(state(actual)).isEqualTo(state(expected));
    }

    private static byte[] state(ShardProgress shard) {
        WindowProgress window = shard.window();
        return window == null ? new byte[0] : window.state().bytes();
    }

    // ---- calls ----

    @Test
    void replacesAllOfAShard() throws Exception {
        ShardProgress first = new ShardProgress(
                new ReadPosition.AtTimestamp(NOW),
                new ShardCheckpoint(SequenceNumber.of("5"), NOW, List.of(tenLanes(2))),
                new WindowProgress(NOW, Payload.ofText("{\"sum\":1}")),
                true);
        ShardProgress second = ShardProgress.startingAt(new ReadPosition.TrimHorizon());
        create(MAPPING, mapping(Map.of()));

        save(MAPPING, SHARD, first);
        store.save(MAPPING, SHARD, second);
        assertSame(stored(SHARD), second);

        store.save(MAPPING, SHARD, first);
        assertSame(stored(SHARD), first);
    }

    @Test
    void keepsShardsOfOneNameInTwoMappingsApart() throws Exception {
        create(MAPPING, mapping(Map.of(SHARD, settled(1))));
        create(OTHER, mapping(Map.of(SHARD, settled(2))));

        save(OTHER, SHARD, settled(3));

        assertSame(stored(SHARD), settled(1));
        assertThat(store.load(OTHER).orElseThrow().shards()).containsEntry(SHARD, settled(3));
    }

    @Test
    void createsAMappingAnew() throws Exception {
        create(MAPPING, mapping(Map.of("a", settled(1), "b", settled(2))));
        MappingProgress anew = new MappingProgress("arn:other", NOW.plusSeconds(1), NOW, Map.of("b", settled(3)));

        create(MAPPING, anew);

        assertThat(store.load(MAPPING)).contains(anew);
    }

    @Test
    void createsNothingWhenSomebodyElseHasMeanwhile() throws Exception {
        MappingProgress first = mapping(Map.of("a", settled(1)));
        MappingProgress second = new MappingProgress("arn:other", NOW.plusSeconds(1), null, Map.of("b", settled(2)));
        create(MAPPING, first);

        assertThat(store.create(MAPPING, second, null)).isFalse();
        assertThat(store.load(MAPPING)).contains(first);

        assertThat(store.create(MAPPING, second, first)).isTrue();
        assertThat(store.create(MAPPING, first, first)).isFalse();
        assertThat(store.create(OTHER, second, first)).isFalse();
        assertThat(store.load(MAPPING)).contains(second);
        assertThat(store.load(OTHER)).isEmpty();
    }

    @Test
    void showsACreationAsAWhole() throws Exception {
        MappingProgress one = mapping(manyShards(1));
        MappingProgress two = mapping(manyShards(2));
        create(MAPPING, one);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> creations = threads.submit(() -> {
                for (int i = 0; i < 20; i++) {
                    create(MAPPING, i % 2 == 0 ? two : one);
                }
                return null;
            });
            while (!creations.isDone()) {
                assertThat(store.load(MAPPING).orElseThrow()).isIn(one, two);
            }
            creations.get();
        }
    }

    private static Map<String, ShardProgress> manyShards(long number) {
        Map<String, ShardProgress> shards = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            shards.put("shard-" + i + "-" + i % number, settled(number));
        }
        return shards;
    }

    @Test
    void refusesAShardOfAMappingThatIsNotStored() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> store.save(MAPPING, SHARD, settled(1)))
                .withMessageContaining(MAPPING.toString());
        assertThat(store.load(MAPPING)).isEmpty();
    }

    @Test
    void forgetsShards() throws Exception {
        ShardProgress open = new ShardProgress(
                new ReadPosition.TrimHorizon(), ShardCheckpoint.NONE, new WindowProgress(NOW, Payload.EMPTY), false);
        create(MAPPING, mapping(Map.of("a", settled(1), "b", open, "c", settled(3))));
        create(OTHER, mapping(Map.of("a", settled(1))));

        store.forget(MAPPING, Set.of("a", "b", "never-stored"));
        store.forget(MAPPING, Set.of());
        store.forget(UUID.randomUUID(), Set.of("c"));

        reopen();
        assertThat(store.load(MAPPING)).contains(mapping(Map.of("c", settled(3))));
        assertThat(store.load(OTHER)).contains(mapping(Map.of("a", settled(1))));
    }

    @Test
    void forgetsAShardThatIsClaimedAndTakesItAnew() throws Exception {
        create(MAPPING, mapping(Map.of()));
        save(MAPPING, SHARD, settled(1));

        store.forget(MAPPING, Set.of(SHARD));

        assertThat(store.claim(MAPPING, SHARD, NOW)).isEmpty();
        store.save(MAPPING, SHARD, settled(2));
        assertSame(stored(SHARD), settled(2));
    }

    // ---- claims ----

    @Test
    void answersWhatIsStoredOfAClaimedShard() throws Exception {
        ShardProgress open = new ShardProgress(
                new ReadPosition.TrimHorizon(),
                new ShardCheckpoint(SequenceNumber.of("5"), NOW, List.of(tenLanes(2))),
                new WindowProgress(NOW, Payload.ofText("{\"sum\":1}")),
                false);
        create(MAPPING, mapping(Map.of("stored", settled(1), "open", open)));

        assertThat(store.claim(MAPPING, "stored", NOW)).contains(settled(1));
        assertSame(store.claim(MAPPING, "open", NOW).orElseThrow(), open);
        assertThat(store.claim(MAPPING, "never stored", NOW)).isEmpty();
        assertThat(store.load(MAPPING).orElseThrow().shards()).containsOnlyKeys("stored", "open");

        store.save(MAPPING, "never stored", settled(2));
        store.save(MAPPING, "stored", settled(3));
        assertThat(store.claim(MAPPING, "never stored", NOW)).contains(settled(2));
        assertThat(store.claim(MAPPING, "stored", NOW)).contains(settled(3));
    }

    @Test
    void refusesAClaimOfAMappingThatWasCreatedAnew() throws Exception {
        create(MAPPING, mapping(Map.of(SHARD, settled(1))));

        assertThatThrownBy(() -> store.claim(MAPPING, SHARD, NOW.minusSeconds(1)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("created anew");
        assertThat(store.claim(MAPPING, SHARD, NOW)).contains(settled(1));
    }

    @Test
    void refusesAClaimOfAMappingThatIsNotStored() {
        assertThatIllegalStateException()
                .isThrownBy(() -> store.claim(MAPPING, SHARD, NOW))
                .withMessageContaining(MAPPING.toString());
    }

    // ---- audit ----

    private static AuditEntry entry(UUID mapping, int number) {
        // Their times go backwards: the order is that of the calls.
        return new AuditEntry(NOW.minusSeconds(number), mapping, "shard-" + number, "Discarded", "number " + number);
    }

    @Test
    void keepsTheAuditOfAMappingInTheOrderOfTheCalls() throws Exception {
        for (int number = 0; number < 20; number++) {
            store.audit(entry(MAPPING, number));
            store.audit(entry(OTHER, number + 100));
        }

        reopen();
        store.audit(entry(MAPPING, 20));

        store.close();
        assertThat(audit(MAPPING))
                .hasSize(21)
                .startsWith(entry(MAPPING, 20), entry(MAPPING, 19), entry(MAPPING, 18))
                .endsWith(entry(MAPPING, 0));
        assertThat(audit(OTHER)).hasSize(20).startsWith(entry(OTHER, 119));
    }

    @Test
    void keepsEveryFieldOfAnAuditEntry() throws Exception {
        AuditEntry plain = new AuditEntry(NOW, MAPPING, null, "Created", "");
        AuditEntry odd = new AuditEntry(Instant.MAX, MAPPING, "", "Gap", "two\nlines, 'quotes', é世界😀");
        store.audit(plain);
        store.audit(odd);

        store.close();
        assertThat(audit(MAPPING)).containsExactly(odd, plain);
    }

    // ---- threads ----

    @Test
    void takesCallsOfManyThreadsAtOnce() throws Exception {
        create(MAPPING, mapping(Map.of()));
        List<Callable<@Nullable Void>> savers = IntStream.range(0, THREADS)
                .<Callable<@Nullable Void>>mapToObj(thread -> () -> {
                    store.claim(MAPPING, "shard-" + thread, NOW);
                    for (int number = 1; number <= SAVES_OF_A_THREAD; number++) {
                        store.save(MAPPING, "shard-" + thread, settled(number));
                        assertThat(stored("shard-" + thread)).isEqualTo(settled(number));
                        store.audit(entry(MAPPING, thread));
                    }
                    return null;
                })
                .toList();

        allAtOnce(savers);

        reopen();
        assertThat(store.load(MAPPING).orElseThrow().shards())
                .hasSize(THREADS)
                .allSatisfy((_, shard) -> assertThat(shard).isEqualTo(settled(SAVES_OF_A_THREAD)));
        store.close();
        assertThat(audit(MAPPING)).hasSize(THREADS * SAVES_OF_A_THREAD);
    }

    @Test
    void failsTheWrongOneOfManyCallsOnly() throws Exception {
        create(MAPPING, mapping(Map.of()));
        List<Callable<@Nullable Void>> savers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            String shardId = "shard-" + i;
            savers.add(() -> {
                save(MAPPING, shardId, settled(1));
                return null;
            });
            savers.add(() -> {
                assertThatIllegalStateException().isThrownBy(() -> store.save(OTHER, shardId, settled(1)));
                return null;
            });
        }

        allAtOnce(savers);

        assertThat(store.load(MAPPING).orElseThrow().shards()).hasSize(THREADS);
        assertThat(store.load(OTHER)).isEmpty();
    }

    private static void allAtOnce(List<Callable<@Nullable Void>> calls) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<@Nullable Void> call : threads.invokeAll(calls)) {
                call.get();
            }
        }
    }

    @Test
    void lastWriteOfAShardWins() throws Exception {
        create(MAPPING, mapping(Map.of()));
        store.claim(MAPPING, SHARD, NOW);

        for (int number = 1; number <= 100; number++) {
            store.save(MAPPING, SHARD, settled(number));
        }

        reopen();
        assertSame(stored(SHARD), settled(100));
    }

    @Test
    void letsAnInterruptedCallerGo() throws Exception {
        create(MAPPING, mapping(Map.of(SHARD, settled(1))));
        store.claim(MAPPING, SHARD, NOW);

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> store.save(MAPPING, SHARD, settled(2))).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> store.load(MAPPING)).isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).as("the interrupt is used up").isFalse();
        store.save(MAPPING, SHARD, settled(3));
        assertSame(stored(SHARD), settled(3));
    }

    @Test
    void refusesCallsAfterItIsClosed() {
        store.close();
        store.close();

        for (Callable<?> call : Arrays.<Callable<?>>asList(
                () -> store.load(MAPPING),
                () -> store.claim(MAPPING, SHARD, NOW),
                () -> {
                    store.audit(entry(MAPPING, 1));
                    return "told";
                },
                () -> {
                    create(MAPPING, mapping(Map.of()));
                    return "created";
                })) {
            assertThatThrownBy(call::call).isInstanceOf(StoreException.class).hasMessageContaining("closed");
        }
    }

    @Test
    void closesWhileThreadsCallIt() throws Exception {
        create(MAPPING, mapping(Map.of()));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> savers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String shardId = "shard-" + i;
                savers.add(threads.submit(() -> saveUntilClosed(shardId)));
            }
            CheckpointStore watched = store;
            Eventually.until(
                    "all shards are saved",
                    () -> watched.load(MAPPING).orElseThrow().shards().size() == THREADS);

            reopen();

            Map<String, ShardProgress> shards =
                    store.load(MAPPING).orElseThrow().shards();
            for (int i = 0; i < THREADS; i++) {
                assertThat(shards)
                        .containsEntry("shard-" + i, settled(savers.get(i).get()));
            }
        }
    }

    /** Answers the last number that was stored. */
    private long saveUntilClosed(String shardId) throws LeaseLostException, InterruptedException {
        CheckpointStore open = store;
        try {
            open.claim(MAPPING, shardId, NOW);
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
        for (long number = 1; ; number++) {
            try {
                open.save(MAPPING, shardId, settled(number));
            } catch (StoreException _) {
                return number - 1;
            }
        }
    }
}
