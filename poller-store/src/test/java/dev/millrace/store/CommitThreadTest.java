package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who learns of what when calls are committed together, fail together, or wait. */
class CommitThreadTest {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final ShardProgress SHARD = ShardProgress.skipped(Instant.EPOCH);

    @TempDir
    private Path folder;

    private StoreFile file;
    private Database database;
    private CallQueue queue;

    @BeforeEach
    void createAStore() throws Exception {
        Path path = folder.resolve("millrace.db");
        try (CheckpointStore store = SqliteCheckpointStore.open(path)) {
            store.create(MAPPING, new MappingProgress("arn", Instant.EPOCH, null, Map.of("first", SHARD)), null);
        }
        file = StoreFile.at(path);
        database = Database.open(file);
        queue = new CallQueue(file);
    }

    @AfterEach
    void closeTheQueue() {
        queue.close();
    }

    private <T> StoreCall<T> add(StoreCall.Work<T> work) throws Exception {
        StoreCall<T> call = new StoreCall<>(work);
        queue.put(call);
        return call;
    }

    private StoreCall<Boolean> addSave(String shardId) throws Exception {
        return add(tables -> tables.shards().put(MAPPING.toString(), shardId, ShardRow.of(SHARD)));
    }

    private int storedShards() throws Exception {
        queue.close();
        try (CheckpointStore store = SqliteCheckpointStore.open(file.path())) {
            return store.load(MAPPING).orElseThrow().shards().size();
        }
    }

    @Test
    void commitsAllThatWaitsAtOnceInItsOrder() throws Exception {
        List<StoreCall<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < CallQueue.MOST_AT_ONCE; i++) {
            String shardId = "shard-" + i;
            calls.add(add(tables -> {
                tables.shards().put(MAPPING.toString(), shardId, ShardRow.of(SHARD));
                return tables.shards().load(MAPPING.toString()).size();
            }));
        }
        // With all in one transaction, its failure undoes all of them.
        StoreCall<Boolean> last = add(_ -> {
            throw new SQLException("told to fail");
        });
        CommitThread commits = CommitThread.start(queue, database);

        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i).await()).as("shards after call " + i).isEqualTo(i + 2);
        }
        assertThatThrownBy(last::await).isInstanceOf(StoreException.class);
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(CallQueue.MOST_AT_ONCE + 1);
    }

    @Test
    void tellsEveryCallerOfATransactionThatItFailed() throws Exception {
        List<StoreCall<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(addSave("shard-" + i));
        }
        StoreCall<Boolean> failing = add(_ -> {
            throw new SQLException("told to fail");
        });
        CommitThread commits = CommitThread.start(queue, database);

        for (StoreCall<Boolean> call : calls) {
            assertThatThrownBy(call::await)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContainingAll(file.toString(), "cannot be written", "told to fail")
                    .hasStackTraceContaining(CommitThreadTest.class.getName());
        }
        assertThatThrownBy(failing::await).isInstanceOf(StoreException.class);
        assertThat(addSave("later").await()).isTrue();
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(2);
    }

    @Test
    void failsAnUnreadableCallAlone() throws Exception {
        StoreCall<Boolean> before = addSave("before");
        StoreCall<Boolean> failing = add(_ -> {
            throw new StoreException("unreadable");
        });
        StoreCall<Boolean> after = addSave("after");
        CommitThread commits = CommitThread.start(queue, database);

        assertThat(before.await()).isTrue();
        assertThat(after.await()).isTrue();
        assertThatThrownBy(failing::await).isInstanceOf(StoreException.class).hasMessage("unreadable");
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(3);
    }

    @Test
    void undoesATransactionWithADefectAndGoesOn() throws Exception {
        StoreCall<Boolean> before = addSave("before");
        StoreCall<Boolean> defective = add(_ -> {
            throw new IllegalStateException("the defect of this test; its stack trace is no failure");
        });
        StoreCall<Boolean> after = addSave("after");
        CommitThread commits = CommitThread.start(queue, database);

        for (StoreCall<Boolean> call : List.of(before, defective, after)) {
            assertThatThrownBy(call::await).isInstanceOf(StoreException.class).hasMessageContaining("defect");
        }
        assertThat(addSave("later").await()).isTrue();
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(2);
    }

    @Test
    void failsAllCallersWhenItDies() throws Exception {
        StoreCall<Boolean> before = addSave("before");
        StoreCall<Boolean> deadly = add(_ -> {
            throw new AssertionError("the death of this test; its stack trace is no failure");
        });
        List<StoreCall<Boolean>> after = new ArrayList<>();
        for (int i = 0; i < 2 * CallQueue.MOST_AT_ONCE; i++) {
            after.add(addSave("shard-" + i));
        }
        CommitThread commits = CommitThread.start(queue, database);

        for (StoreCall<Boolean> call : after) {
            assertThatThrownBy(call::await).isInstanceOf(StoreException.class).hasMessageContaining("died");
        }
        assertThatThrownBy(before::await).isInstanceOf(StoreException.class);
        assertThatThrownBy(deadly::await).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> addSave("too late")).isInstanceOf(StoreException.class);
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(1);
    }

    @Test
    void letsAnInterruptedCallerGoThatWaitsForTheDisk() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        add(_ -> {
            awaitUninterruptibly(slow);
            return true;
        });
        CommitThread commits = CommitThread.start(queue, database);
        FutureTask<?> save = new FutureTask<>(
                () -> assertThatThrownBy(() -> addSave("shard").await()).isInstanceOf(InterruptedException.class));
        Thread caller = Thread.ofVirtual().start(save);

        caller.interrupt();
        save.get();

        slow.countDown();
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void saysThatTheDiskIsFullAndGoesOnWhenThereIsRoomAgain() throws Exception {
        database.execute("PRAGMA max_page_count = 30");
        ShardProgress large = new ShardProgress(
                new ReadPosition.TrimHorizon(),
                ShardCheckpoint.NONE,
                new WindowProgress(Instant.EPOCH, Payload.of(new byte[200_000])),
                false);
        StoreCall<Boolean> small = addSave("small");
        StoreCall<Boolean> failing =
                add(tables -> tables.shards().put(MAPPING.toString(), "large", ShardRow.of(large)));
        CommitThread commits = CommitThread.start(queue, database);

        for (StoreCall<Boolean> call : List.of(small, failing)) {
            assertThatThrownBy(call::await)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContainingAll(file.toString(), "disk is full", "free space");
        }
        assertThat(add(tables -> tables.shards().load(MAPPING.toString())).await())
                .containsOnlyKeys("first");
        assertThat(addSave("small").await()).isTrue();
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(2);
    }

    /** The limit on the size of this process's files makes the commit itself fail, as a disk does. */
    @Test
    void goesOnAfterACommitThatTheDiskRefused() throws Exception {
        assumeThat(Path.of("/usr/bin/prlimit")).exists();
        CommitThread commits = CommitThread.start(queue, database);
        int failed = 0;
        try {
            limitFiles(Files.size(file.wal()) + 30_000 + ":");
            for (int i = 0; i < 100; i++) {
                StoreCall<Boolean> save = addSave("shard-" + i);
                try {
                    save.await();
                } catch (StoreException e) {
                    failed++;
                    assertThat(e).hasMessageContainingAll(file.toString(), "its disk");
                }
            }
        } finally {
            limitFiles("unlimited:");
        }

        assertThat(failed).isBetween(80, 99);
        assertThat(addSave("later").await()).isTrue();
        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        assertThat(storedShards()).isEqualTo(2 + 100 - failed);
    }

    private static void limitFiles(String limit) throws Exception {
        String self = String.valueOf(ProcessHandle.current().pid());
        assertThat(new ProcessBuilder("/usr/bin/prlimit", "--pid", self, "--fsize=" + limit)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void keepsTheNewestOfTheAudit() throws Exception {
        UUID quiet = UUID.randomUUID();
        CommitThread commits = CommitThread.start(queue, database);
        addEntries(quiet, 0, 10).await();
        int all = AuditTable.KEPT + 3 * AuditTable.BETWEEN_CUTS;
        addEntries(MAPPING, 0, all).await();

        queue.close();
        assertThat(commits.awaitEnd()).isTrue();
        List<AuditEntry> kept = StoredAudit.of(file.path(), MAPPING);
        assertThat(kept)
                .hasSizeBetween(AuditTable.KEPT, AuditTable.KEPT + AuditTable.BETWEEN_CUTS)
                .startsWith(entry(MAPPING, all - 1))
                .endsWith(entry(MAPPING, all - kept.size()));
        assertThat(StoredAudit.of(file.path(), quiet)).hasSize(10);
    }

    private StoreCall<Integer> addEntries(UUID mapping, int from, int to) throws Exception {
        return add(tables -> {
            for (int number = from; number < to; number++) {
                tables.audit().add(entry(mapping, number));
            }
            return to;
        });
    }

    private static AuditEntry entry(UUID mapping, int number) {
        return new AuditEntry(Instant.ofEpochSecond(number), mapping, null, "Discarded", "number " + number);
    }
}
