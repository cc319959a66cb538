package dev.millrace.store;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.checkpoint.StoreException;
import java.nio.file.Path;

/** Opens {@link SqliteCheckpointStore}s. */
public final class SqliteCheckpointStoreProvider implements CheckpointStoreProvider {

    @Override
    public CheckpointStore open(Path file) throws StoreException {
        return SqliteCheckpointStore.open(file);
    }
}
