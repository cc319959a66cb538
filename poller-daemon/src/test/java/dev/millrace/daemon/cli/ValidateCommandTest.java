package dev.millrace.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class ValidateCommandTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void listsTheMappingsOfAValidConfiguration() throws IOException {
        Path file = file("""
            Functions:
              orders-fn: {Fake: {}}
            EventSourceMappings:
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:orders", FunctionName: orders-fn}
              - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:bulk
                FunctionName: orders-fn:$LATEST
                BatchSize: 1000
                MaximumBatchingWindowInSeconds: 5
                Enabled: false
            """);

        assertThat(run("validate", file.toString())).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).isEqualToNormalizingNewlines(file + """
             is valid: 2 mappings, 1 function

            SOURCE                                     FUNCTION           BATCH  WINDOW  VISIBILITY  ENABLED
            arn:aws:sqs:us-east-1:000000000000:orders  orders-fn          10     0 s     >= 3 s      yes
            arn:aws:sqs:us-east-1:000000000000:bulk    orders-fn:$LATEST  1000   5 s     >= 8 s      no
            """);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void asksForTheVisibilityThatTheLongestVersionOfAnAliasNeeds() throws IOException {
        Path file = file("""
            Functions:
              fn:
                Timeout: 900
                Fake: {}
                Versions: {1: {Timeout: 5}, 2: {Timeout: 60}}
                Aliases: {prod: {FunctionVersion: 1, RoutingConfig: {AdditionalVersionWeights: {2: 0.1}}}}
            EventSourceMappings:
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: "fn:1"}
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: "fn:prod"}
            """);

        assertThat(run("validate", file.toString())).isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines().filter(line -> line.startsWith("arn:")))
                .satisfiesExactly(
                        version -> assertThat(version).contains("fn:1", ">= 5 s"),
                        alias -> assertThat(alias).contains("fn:prod", ">= 60 s"));
    }

    @Test
    void printsTheEffectiveConfigurationOnRequest() throws IOException {
        Path file = file("Functions: {f: {Fake: {BearerToken: abc}}}");

        assertThat(run("validate", "--effective", file.toString())).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("is valid: 0 mappings, 1 function", "Region: us-east-1", "BearerToken: '********'");
        assertThat(err.toString())
                .contains("warning: " + file + ":1: EventSourceMappings: is empty: nothing will be polled");
    }

    @Test
    void printsEveryProblemAndCallsTheInputBad() throws IOException {
        Path file = file("""
            Regoin: x
            Functions: {f: {Fake: {}}}
            Api: {Port: x}
            """);

        assertThat(run("validate", file.toString())).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).isEqualToNormalizingNewlines("""
            %1$s:1: Regoin: unknown key; did you mean 'Region'?
            %1$s:3: Api.Port: 'x' is not a whole number from 0 to 65535
            %1$s is not valid: 2 problems
            """.formatted(file));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void callsAWrongCommandLineBadInput() {
        assertThat(run("valdate", "x")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("Did you mean: millrace validate or millrace health?");
        assertThat(run("validate")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("Missing required parameter: 'FILE'");
        assertThat(run()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("a command is missing");
    }

    @Test
    void explainsItself() {
        assertThat(run("--help")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("Usage: millrace [-hV] COMMAND", "validate", "Exit codes:", "Examples:", "millrace.yaml");
        assertThat(run("--version")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).containsPattern("millrace \\S+").contains("Java ");
        assertThat(run("help", "validate")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("Usage: millrace validate [-hV] [--effective] FILE");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("millrace.yaml"), text);
    }

    private int run(String... arguments) {
        CommandLine commandLine = MillraceCommand.commandLine()
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
