package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {
    @TempDir
    private Path directory = Path.of("");

    private Daemon daemon = new Daemon(directory, "the.Main");

    @BeforeEach
    void createDaemon() {
        daemon = new Daemon(directory.resolve("dist"), "the.Main");
    }

    @Test
    void isUnavailableUntilItIsBuilt() {
        assertThat(daemon.unavailable())
                .hasValueSatisfying(why -> assertThat(why).contains("build poller-daemon first"));
    }

    @Test
    void startsWithItsJarsInTheOrderOfTheirNames() throws IOException {
        Path lib = Files.createDirectories(directory.resolve("dist/lib"));
        Files.createFile(lib.resolve("b.jar"));
        Files.createFile(lib.resolve("a.jar"));
        Files.createFile(lib.resolve("millrace.aot"));

        assertThat(daemon.unavailable()).isEmpty();
        assertThat(daemon.command(Path.of("c.yaml"), List.of("-Xmx1g"), true))
                .containsExactly(
                        Java.executable(),
                        "-XX:+UseCompactObjectHeaders",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseParallelGC",
                        "-Xmx1g",
                        "-XX:AOTCache=" + lib.resolve("millrace.aot"),
                        "-cp",
                        lib.resolve("a.jar") + ":" + lib.resolve("b.jar"),
                        "the.Main",
                        "run",
                        "c.yaml");
        assertThat(daemon.command(Path.of("c.yaml"), List.of("-XX:+UseZGC"), false))
                .contains("-XX:+UseZGC")
                .doesNotContain("-XX:+UseParallelGC")
                .noneMatch(argument -> argument.contains("AOT"));
    }
}
