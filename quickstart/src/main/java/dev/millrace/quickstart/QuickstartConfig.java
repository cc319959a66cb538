package dev.millrace.quickstart;

import dev.millrace.daemon.config.LoggingSettings;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration that the quickstart runs the daemon with: an ordinary file, as a user would write it. */
final class QuickstartConfig {

    static final LoggingSettings QUIET = new LoggingSettings(LoggingSettings.Format.TEXT, LoggingSettings.Level.WARN);

    private QuickstartConfig() {}

    static Path write(Path folder, URI endpoint, Path ledger) throws IOException {
        String text = """
            Region: %s
            AccountId: "%s"
            Aws:
              Endpoints: {Sqs: "%s"}
            Api: {Port: 0}
            Functions:
              sample:
                Timeout: 10
                Environment: {Variables: {LEDGER: "%s"}}
                Process:
                  Command: ["%s", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "@%s"]
            EventSourceMappings:
              - EventSourceArn: %s
                FunctionName: sample
                BatchSize: 10
                FunctionResponseTypes: [ReportBatchItemFailures]
                Millrace: {RetryBackoff: {BaseSeconds: 1}, WaitTimeSeconds: 2}
              - EventSourceArn: %s
                FunctionName: sample
                BatchSize: 10
                FunctionResponseTypes: [ReportBatchItemFailures]
                Millrace: {RetryBackoff: {BaseSeconds: 1}, WaitTimeSeconds: 2}
            """.formatted(
                        Emulator.REGION,
                        Emulator.ACCOUNT,
                        endpoint,
                        ledger,
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        javaArguments(folder),
                        Emulator.arn(Emulator.ORDERS),
                        Emulator.arn(Emulator.PAYMENTS));
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
