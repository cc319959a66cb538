package dev.millrace.daemon.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace mappings}: the mappings that nodes share; its subcommands do the work. */
@Command(
        name = "mappings",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ListMappingsCommand.class,
            ShowMappingsCommand.class,
            PutMappingsCommand.class,
            DeleteMappingsCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        header = "List and change the mappings that nodes share.",
        description = {
            "",
            "They are in the table that a configuration with Store: {Type: DynamoDb} names. Every node that runs with"
                + " this table polls them, beside those of its own file, and follows their changes without a restart.",
            ""
        },
        commandListHeading = "%nCommands:%n")
final class MappingsCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run.
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do with the mappings: a command is missing.");
    }
}
