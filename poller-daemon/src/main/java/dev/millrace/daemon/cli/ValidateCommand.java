package dev.millrace.daemon.cli;

import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace validate}: reads a configuration, says what it means or everything that is wrong. Starts nothing. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Check a configuration and list its mappings.",
        description = {
            "",
            "Reads the configuration and its templates and checks every key, limit and rule that can be checked without"
                    + " calling anything. Prints one line per problem as file:line: key: message.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the configuration is valid", "2:it is not, or it cannot be read"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace validate millrace.yaml",
            "  millrace validate --effective millrace.yaml   with its defaults, secrets masked"
        })
final class ValidateCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The configuration, YAML or JSON.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private Path file;

    @Option(names = "--effective", description = "Also print the configuration with its defaults, secrets masked.")
    private boolean effective;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        return switch (ConfigLoader.standard(Plugins.installed(), Instant.now()).load(file)) {
            case LoadedConfig.Valid valid -> {
                valid.warnings().forEach(warning -> err.println("warning: " + warning));
                ConfigReport.print(file, valid.config(), out);
                if (effective) {
                    out.println();
                    out.print(valid.effective());
                }
                out.flush();
                yield ExitCode.OK;
            }
            case LoadedConfig.Invalid invalid -> {
                ConfigReport.printProblems(file, invalid, err);
                yield ExitCode.BAD_INPUT;
            }
        };
    }
}
