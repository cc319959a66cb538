package dev.millrace.daemon.config;

import java.nio.file.Path;

/**
 * Where the daemon keeps how far its streams are processed.
 *
 * @param path the store's file; opened, and made where there is none, only when a mapping of a stream is enabled
 */
public record StoreSettings(Path path) {
    /** In the folder in which the daemon was started. */
    public static final StoreSettings DEFAULT = new StoreSettings(Path.of("millrace.db"));
}
