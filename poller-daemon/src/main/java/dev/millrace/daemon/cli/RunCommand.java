package dev.millrace.daemon.cli;

import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.observe.LogSetup;
import dev.millrace.daemon.run.Daemon;
import dev.millrace.daemon.run.Signals;
import dev.millrace.daemon.run.StartException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace run}: the daemon, until a signal stops it. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Run the daemon.",
        description = {
            "",
            "Polls the sources of all enabled mappings until SIGTERM or Ctrl-C. The first signal stops receiving and"
                    + " lets invocations finish within Shutdown.DeadlineSeconds; a second one ends at once.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by a signal, in order",
            "1:could not start, such as when the API's port is taken",
            "2:the configuration is not valid",
            "130:ended at once by a second signal"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  millrace run millrace.yaml"})
final class RunCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The configuration, YAML or JSON.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private Path file;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Plugins plugins = Plugins.installed();
        return switch (ConfigLoader.standard(plugins, Instant.now()).load(file)) {
            case LoadedConfig.Valid valid -> run(valid, plugins, err);
            case LoadedConfig.Invalid invalid -> {
                ConfigReport.printProblems(file, invalid, err);
                yield ExitCode.BAD_INPUT;
            }
        };
    }

    private int run(LoadedConfig.Valid valid, Plugins plugins, PrintWriter err) throws InterruptedException {
        LogSetup.apply(valid.config().logging());
        Logger log = LoggerFactory.getLogger(RunCommand.class);
        valid.warnings().forEach(warning -> log.atWarn().log(warning.toString()));
        log.atInfo().log("effective configuration of " + file + ":\n" + valid.effective());
        Signals signals = new Signals();
        Daemon daemon;
        try {
            daemon = Daemon.start(valid.config(), plugins);
        } catch (StartException e) {
            err.println("millrace: " + e.getMessage());
            return ExitCode.FAILURE;
        }
        log.atInfo()
                .addKeyValue("node", valid.config().coordination().factory().node())
                .addKeyValue("mappings", valid.config().mappings().size())
                .addKeyValue(
                        "api",
                        "http://" + valid.config().api().host() + ":"
                                + daemon.address().getPort())
                .log("running");
        signals.await();
        daemon.stop();
        return ExitCode.OK;
    }
}
