package dev.millrace.quickstart;

import dev.millrace.daemon.config.LoggingSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration that the quickstart runs the daemon with: an ordinary file, as a user would write it. */
final class QuickstartConfig {

    /** The sample function fails on purpose, and the daemon warns of every failure. */
    static final LoggingSettings QUIET = new LoggingSettings(LoggingSettings.Format.TEXT, LoggingSettings.Level.ERROR);

    private QuickstartConfig() {}

    static Path write(Path folder, Ledger ledger, List<Source> sources) throws IOException {
        String text = """
            Region: %s
            AccountId: "%s"
            Aws:
              Endpoints: {%s}
            Api: {Port: 0}
            Store: {Path: millrace.db}
            Functions:
              sample:
                Timeout: 10
                Environment: {Variables: {LEDGER: "%s"}}
                Process:
                  Command: ["%s", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "@%s"]
            EventSourceMappings:
            %s\
            """.formatted(
                        Emulator.REGION,
                        Emulator.ACCOUNT,
                        sources.stream().map(Source::endpoint).collect(Collectors.joining(", ")),
                        ledger.file(),
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        javaArguments(folder),
                        sources.stream().map(Source::mappings).collect(Collectors.joining()));
        return Files.writeString(folder.resolve("millrace.yaml"), text);
    }

    /** The sample function's class path in a file: it would make the shown configuration unreadable. */
    private static Path javaArguments(Path folder) throws IOException {
        String jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .filter(entry -> entry.contains("jackson") || entry.contains("quickstart"))
                .collect(Collectors.joining(File.pathSeparator));
        return Files.write(
                folder.resolve("sample.args"),
                List.of("-cp", "\"" + jars.replace("\\", "\\\\") + "\"", SampleFunction.class.getName()));
    }

    static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
