package dev.millrace.daemon.cli;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.LogSetup;
import dev.millrace.daemon.shared.DefinitionReader;
import dev.millrace.daemon.shared.ReadDefinition;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The definitions in the store that a configuration names, for one command. Nothing else of the configuration is opened.
 *
 * @param definitions closed after the command's work
 */
record OpenDefinitions(DaemonConfig config, Plugins plugins, MappingDefinitions definitions) {

    /** What a command does with them; answers its exit code. */
    interface Work {
        int with(OpenDefinitions open) throws StoreException, InterruptedException;
    }

    /** Reads the configuration, opens its store, and does the work. Says why when it cannot. */
    static int of(Path file, PrintWriter err, Work work) throws InterruptedException {
        LogSetup.warningsOnly();
        Plugins plugins = Plugins.installed();
        return switch (ConfigLoader.standard(plugins, Instant.now()).load(file)) {
            case LoadedConfig.Valid valid -> open(file, valid.config(), plugins, err, work);
            case LoadedConfig.Invalid invalid -> {
                ConfigReport.printProblems(file, invalid, err);
                yield ExitCode.BAD_INPUT;
            }
        };
    }

    private static int open(Path file, DaemonConfig config, Plugins plugins, PrintWriter err, Work work)
            throws InterruptedException {
        if (config.store().factory().definitionsEvery().isEmpty()) {
            err.println("millrace: " + file + " keeps its store in a "
                    + config.store().type()
                    + " of its own, which holds no mappings for other nodes; it needs Coordination: {Mode: Kcl} and"
                    + " Store: {Type: DynamoDb}");
            err.flush();
            return ExitCode.BAD_INPUT;
        }
        try (CheckpointStore store =
                config.store().factory().open(config.coordination().factory().node())) {
            return work.with(
                    new OpenDefinitions(config, plugins, store.definitions().orElseThrow()));
        } catch (StoreException e) {
            err.println("millrace: " + e.getMessage());
            err.flush();
            return ExitCode.FAILURE;
        }
    }

    /** All of them, as a node with this configuration understands them. */
    List<ReadDefinition> read() throws StoreException, InterruptedException {
        return new DefinitionReader(config, plugins).read(definitions.load(), Instant.now());
    }
}
