package dev.millrace.store;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.testkit.checkpoint.CheckpointStoreContract;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;

class SqliteCheckpointStoreContractTest extends CheckpointStoreContract {

    @TempDir
    private Path folder;

    @Override
    protected CheckpointStore open() throws Exception {
        return SqliteCheckpointStore.open(file());
    }

    @Override
    protected List<AuditEntry> audit(UUID mapping) throws Exception {
        return StoredAudit.of(file(), mapping);
    }

    private Path file() {
        return folder.resolve("millrace.db");
    }
}
