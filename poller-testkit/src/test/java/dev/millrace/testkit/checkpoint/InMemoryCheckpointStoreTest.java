package dev.millrace.testkit.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.testkit.Eventually;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class InMemoryCheckpointStoreTest extends CheckpointStoreContract {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final MappingProgress PROGRESS = new MappingProgress("arn", Instant.EPOCH, null, Map.of());

    private InMemoryCheckpointStore store = new InMemoryCheckpointStore();

    @Override
    protected CheckpointStore open() {
        store = store.reopened();
        return store;
    }

    @Test
    void failsAsManyWritesAsItIsTold() throws Exception {
        store.failNextWrites(2);

        assertThatThrownBy(() -> store.create(MAPPING, PROGRESS)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.create(MAPPING, PROGRESS)).isInstanceOf(StoreException.class);
        assertThat(store.load(MAPPING)).isEmpty();
        assertThatCode(() -> store.create(MAPPING, PROGRESS)).doesNotThrowAnyException();
        assertThat(store.load(MAPPING)).contains(PROGRESS);
    }

    @Test
    void losesTheAnswerOfAWriteThatHappened() throws Exception {
        store.loseNextAnswers(1);

        assertThatThrownBy(() -> store.create(MAPPING, PROGRESS)).isInstanceOf(StoreException.class);

        assertThat(store.load(MAPPING)).contains(PROGRESS);
        assertThatCode(() -> store.create(MAPPING, PROGRESS)).doesNotThrowAnyException();
    }

    @Test
    void blocksWritesUntilTheyAreReleased() throws Exception {
        store.block();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> write = threads.submit(() -> {
                store.create(MAPPING, PROGRESS);
                return null;
            });
            Eventually.until("the write waits", () -> store.blocked() == 1);
            assertThat(store.load(MAPPING)).isEmpty();

            store.release();
            write.get();
        }
        assertThat(store.load(MAPPING)).contains(PROGRESS);
        assertThat(store.blocked()).isZero();
    }

    @Test
    void letsABlockedCallerGoWhenItIsInterrupted() throws Exception {
        store.block();
        FutureTask<?> write = new FutureTask<>(() ->
                assertThatThrownBy(() -> store.create(MAPPING, PROGRESS)).isInstanceOf(InterruptedException.class));
        Thread caller = Thread.ofVirtual().start(write);
        Eventually.until("the write waits", () -> store.blocked() == 1);

        caller.interrupt();
        write.get();

        assertThat(store.load(MAPPING)).isEmpty();
        assertThat(store.blocked()).isZero();
    }
}
