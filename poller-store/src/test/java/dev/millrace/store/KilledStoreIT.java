package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed while it saves: what it called durable is there, and nothing is torn. */
class KilledStoreIT {

    private static final int ROUNDS = Integer.getInteger("store.rounds", 20);
    private static final long SEED = Long.getLong("store.seed", System.nanoTime());

    /** The kill comes after a random number of saves, up to this. */
    private static final int MOST_SAVES = 3_000;

    private static final int CUTS = 60;

    @TempDir
    private Path folder;

    @Test
    void keepsWhatWasDurableWhenItsProcessIsKilled() throws Exception {
        Random random = new Random(SEED);
        Path file = folder.resolve("millrace.db");
        Map<String, Long> durable = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            int saves = random.nextInt(MOST_SAVES);
            System.out.println("round " + round + " of seed " + SEED + ": killed after " + saves + " saves");

            saveAndKill(file, saves, durable);

            assertNotBehind(durable, stored(file));
        }
        assertThat(durable).hasSize(StoreProcess.SHARDS);
        // Nor has any of the processes left a library behind.
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .extracting(left -> left.getFileName().toString())
                    .containsExactlyInAnyOrder("millrace.db", "millrace.db.lock");
        }
    }

    private static void saveAndKill(Path file, int saves, Map<String, Long> durable) throws Exception {
        try (StoreProcess process = StoreProcess.start(file, file.resolveSibling(""))) {
            process.awaitOpen();
            for (int i = 0; i < saves; i++) {
                assertThat(process.read(durable)).isTrue();
            }
            process.kill();
            while (process.read(durable)) {
                // What it had printed before it died.
            }
        }
    }

    private static void assertNotBehind(Map<String, Long> durable, Map<String, Long> stored) {
        durable.forEach((shardId, number) ->
                assertThat(stored.get(shardId)).as(shardId).isNotNull().isGreaterThanOrEqualTo(number));
    }

    /** The number of every shard, each whole. */
    private static Map<String, Long> stored(Path file) throws Exception {
        try (CheckpointStore store = SqliteCheckpointStore.open(file)) {
            Map<String, ShardProgress> shards = store.load(StoreProcess.MAPPING)
                    .map(MappingProgress::shards)
                    .orElse(Map.of());
            Map<String, Long> numbers = new HashMap<>();
            shards.forEach((shardId, progress) -> numbers.put(shardId, StoreProcess.number(progress)));
            return numbers;
        }
    }

    /** The further behind in the log the damage is, the more commits are found: none is skipped, none comes back later. */
    @Test
    void recoversTheCommitsBeforeTheDamageInATornLog() throws Exception {
        Random random = new Random(SEED);
        Path file = folder.resolve("millrace.db");
        saveAndKill(file, 300, new HashMap<>());
        long length = Files.size(StoreFile.at(file).wal());
        assertThat(length).isPositive();
        Map<String, Long> before = new HashMap<>();
        for (long at : random.longs(CUTS, 0, length).sorted().toArray()) {
            boolean cut = random.nextBoolean();
            System.out.println("seed " + SEED + ": log " + (cut ? "cut" : "damaged") + " at byte " + at);

            Map<String, Long> stored = stored(copyWithTornLog(file, at, cut));

            assertNotBehind(before, stored);
            before.putAll(stored);
        }
        assertThat(before).isNotEmpty();
        assertNotBehind(before, stored(file));
    }

    private Path copyWithTornLog(Path file, long at, boolean cut) throws Exception {
        Path copy = Files.createTempDirectory(folder, "copy").resolve("millrace.db");
        Files.copy(file, copy);
        byte[] log = Files.readAllBytes(StoreFile.at(file).wal());
        log[(int) at] ^= (byte) 0xFF;
        Files.write(StoreFile.at(copy).wal(), cut ? Arrays.copyOf(log, (int) at) : log);
        return copy;
    }
}
