package dev.millrace.store;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import java.nio.file.Path;
import java.util.Map;

/** Opens {@link SqliteCheckpointStore}s: {@code Store: {Type: File, Path: ...}}. */
public final class SqliteCheckpointStoreProvider implements CheckpointStoreProvider {

    /** In the folder in which the daemon was started. */
    private static final Path DEFAULT = Path.of("millrace.db");

    @Override
    public String type() {
        return "File";
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public StoreFactory configure(Section store, AwsSettings aws) {
        return new StoreFile(store.path("Path").orElse(DEFAULT));
    }

    private record StoreFile(Path path) implements StoreFactory {

        /** Absolute: relative paths count from wherever the text stands. */
        @Override
        public Map<String, Object> settings() {
            return Map.of("Path", path.toAbsolutePath().toString());
        }

        @Override
        public SavePace savePace() {
            return SavePace.LOCAL;
        }

        @Override
        public CheckpointStore open(String node) throws StoreException {
            return SqliteCheckpointStore.open(path);
        }
    }
}
