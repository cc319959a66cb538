package dev.millrace.store;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.testkit.checkpoint.CheckpointStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteCheckpointStoreContractTest extends CheckpointStoreContract {

    @TempDir
    private Path folder;

    @Override
    protected CheckpointStore open() throws Exception {
        return SqliteCheckpointStore.open(folder.resolve("millrace.db"));
    }
}
