package dev.millrace.daemon.cli;

import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.shared.DefinitionReader;
import dev.millrace.daemon.shared.ReadDefinition;
import java.time.Instant;
import java.util.List;

/**
 * The definitions in the store that a configuration names, for one command.
 *
 * @param definitions closed after the command's work
 */
record OpenDefinitions(DaemonConfig config, Plugins plugins, MappingDefinitions definitions) {

    /** All of them, as a node with this configuration understands them. */
    List<ReadDefinition> read() throws StoreException, InterruptedException {
        return new DefinitionReader(config, plugins).read(definitions.load(), Instant.now());
    }
}
