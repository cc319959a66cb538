package dev.millrace.daemon.cli;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.LogSetup;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The parameter that all commands of {@code millrace mappings} begin with, and what they do with it: open the store that a
 * node's configuration names. Nothing else of the configuration is opened.
 */
final class NodeStore {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command's call.
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "CONFIG", description = "A node's configuration: names the store.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command's call.
    private Path config;

    /** What a command does with the definitions; answers its exit code. */
    interface Work {
        int with(OpenDefinitions open) throws StoreException, InterruptedException;
    }

    Path config() {
        return config;
    }

    PrintWriter out() {
        return command.commandLine().getOut();
    }

    PrintWriter err() {
        return command.commandLine().getErr();
    }

    /** Reads the configuration, opens its store, and does the work. Says why when it cannot. */
    int open(Work work) throws InterruptedException {
        LogSetup.warningsOnly();
        Plugins plugins = Plugins.installed();
        return switch (ConfigLoader.standard(plugins, Instant.now()).load(config)) {
            case LoadedConfig.Valid valid -> open(valid.config(), plugins, work);
            case LoadedConfig.Invalid invalid -> {
                ConfigReport.printProblems(config, invalid, err());
                yield ExitCode.BAD_INPUT;
            }
        };
    }

    private int open(DaemonConfig valid, Plugins plugins, Work work) throws InterruptedException {
        if (valid.store().factory().definitionsEvery().isEmpty()) {
            return failed(
                    config + " keeps its store in a " + valid.store().type()
                            + " of its own, which holds no mappings for other nodes; it needs Coordination: {Mode: Kcl}"
                            + " and Store: {Type: DynamoDb}",
                    ExitCode.BAD_INPUT);
        }
        try (CheckpointStore store =
                valid.store().factory().open(valid.coordination().factory().node())) {
            return work.with(
                    new OpenDefinitions(valid, plugins, store.definitions().orElseThrow()));
        } catch (StoreException e) {
            return failed(String.valueOf(e.getMessage()), ExitCode.FAILURE);
        }
    }

    /** Says why the command has failed. */
    int failed(String reason, int code) {
        err().println("millrace: " + reason);
        err().flush();
        return code;
    }
}
