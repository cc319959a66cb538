package dev.millrace.checkpoint;

import java.nio.file.Path;

/** Opens the checkpoint store that a file holds. Found by {@link java.util.ServiceLoader}; there is one on the class path. */
public interface CheckpointStoreProvider {

    /**
     * Opens the store, or creates it when the file does not exist. Called once per start of the daemon; blocks while the
     * file is checked. The store is this process's alone until it is closed or the process ends, however it ends.
     *
     * @throws StoreException when it cannot be used: it is open already, damaged, not a store, of a newer version, or not
     *     writable; the file is then as it was
     */
    CheckpointStore open(Path file) throws StoreException;
}
