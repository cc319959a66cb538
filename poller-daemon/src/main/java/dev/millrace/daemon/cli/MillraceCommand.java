package dev.millrace.daemon.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code millrace}; its subcommands do the work. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            ValidateCommand.class,
            MappingsCommand.class,
            HealthCommand.class,
            TrainCommand.class,
            HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        header = {
            "Millrace polls SQS queues and hands batches of messages to your functions,",
            "as AWS Lambda's event source mappings do.",
            ""
        },
        description = {
            "",
            "A configuration is one YAML file that names functions and event source mappings;",
            "docs/configuration.md describes every key."
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:could not start, such as when the API's port is taken",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace run millrace.yaml        poll until Ctrl-C or SIGTERM",
            "  millrace validate millrace.yaml   check a configuration and list its mappings",
            "  millrace health                   ask a running daemon whether it is healthy",
            "  millrace help validate            say more about one command"
        })
public final class MillraceCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run.
    private CommandSpec spec;

    private MillraceCommand() {}

    /** The parser with all commands, ready to execute. */
    public static CommandLine commandLine() {
        return new CommandLine(new MillraceCommand()).setUsageHelpAutoWidth(true);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: a command is missing.");
    }
}
