package dev.millrace.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What the commands say before they call anything; what they do is shown by SharedMappingsIT. */
class MappingsCommandTest {

    private static final String ID = "00000000-0000-0000-0000-000000000001";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(strings = {"list", "show", "put", "delete"})
    void saysWhatAConfigurationNeedsToShareMappings(String command) throws IOException {
        Path file = file("Functions: {f: {Fake: {}}}");

        assertThat(run(command, file)).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString())
                .contains("keeps its store in a File of its own", "Coordination: {Mode: Kcl}", "Type: DynamoDb");
        assertThat(out.toString()).isEmpty();
        assertThat(directory.resolve("millrace.db")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "show", "put", "delete"})
    void saysWhatIsWrongWithTheConfiguration(String command) throws IOException {
        Path file = file("Regoin: x");

        assertThat(run(command, file)).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("unknown key; did you mean 'Region'?", "is not valid: 1 problem");
    }

    @Test
    void callsAWrongCommandLineBadInput() {
        assertThat(execute("mappings")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("a command is missing");
        assertThat(execute("mappings", "put", "a.yaml")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("Missing required parameter: 'MAPPINGS'");
        assertThat(execute("mappings", "delete", "a.yaml")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("Missing required parameter: 'UUID'");
        assertThat(execute("mappings", "delete", "a.yaml", "no-id")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("no-id", "UUID");
    }

    @Test
    void explainsItself() {
        assertThat(execute("mappings", "--help")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("list", "show", "put", "delete", "without a restart");
        assertThat(execute("mappings", "put", "--help")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("Usage: millrace mappings put", "CONFIG MAPPINGS", "writes those that are new or changed");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("millrace.yaml"), text);
    }

    private int run(String command, Path config) {
        return switch (command) {
            case "put" -> execute("mappings", command, config.toString(), config.toString());
            case "delete" -> execute("mappings", command, config.toString(), ID);
            default -> execute("mappings", command, config.toString());
        };
    }

    private int execute(String... arguments) {
        CommandLine commandLine = MillraceCommand.commandLine()
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
