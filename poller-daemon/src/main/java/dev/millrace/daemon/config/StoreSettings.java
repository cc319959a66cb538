package dev.millrace.daemon.config;

import dev.millrace.checkpoint.CheckpointStoreProvider.StoreFactory;

/**
 * Where the daemon keeps how far its streams are processed.
 *
 * @param type of the provider that opens it, such as {@code File}
 * @param factory opens it; used only when a mapping of a stream is enabled, or mappings may be in it
 */
public record StoreSettings(String type, StoreFactory factory) {}
