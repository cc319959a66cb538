package dev.millrace.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./millrace}, with scripts in the places of Java and Maven that print how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    private static final Path LAUNCHER = Path.of("..", "millrace");
    private static final String JAVA = """
        #!/usr/bin/env bash
        printf '%s\\n' "$@"
        """;
    private static final String MAVEN = """
        #!/usr/bin/env bash
        printf 'mvn %s with %s\\n' "$*" "$JAVA25_HOME" >&2
        mkdir -p poller-daemon/target/dist/lib
        touch poller-daemon/target/dist/lib/poller-daemon-1.jar
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path root;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void installLauncher() throws IOException {
        script(root.resolve("millrace"), Files.readString(LAUNCHER));
        script(root.resolve("bin/mvn"), MAVEN);
        environment.put("PATH", root.resolve("bin") + ":/usr/bin:/bin");
        environment.put("HOME", root.resolve("home").toString());
        environment.put("JAVA_HOME", java("jdk-25", "25.0.3").toString());
    }

    @Test
    void runsTheDaemonWithSortedJarsAndTheHousesFlags() throws Exception {
        jar("poller-daemon-1.jar");
        jar("a.jar");

        Path lib = root.toRealPath().resolve("poller-daemon/target/dist/lib");
        assertThat(run("validate", "a file.yaml").out())
                .containsSubsequence(
                        "-XX:+UseCompactObjectHeaders", "-cp", lib + "/a.jar:" + lib + "/poller-daemon-1.jar")
                .endsWith("dev.millrace.daemon.Main", "validate", "a file.yaml");
    }

    @Test
    void usesTheCacheOnlyWhenItIsNewerThanEveryJar() throws Exception {
        Path jar = jar("poller-daemon-1.jar");
        Path cache = Files.writeString(root.resolve("poller-daemon/target/dist/millrace.aot"), "");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        String flag = "-XX:AOTCache=" + root.toRealPath().resolve("poller-daemon/target/dist/millrace.aot");

        assertThat(run("run", "x").out()).contains(flag);

        Files.setLastModifiedTime(cache, FileTime.from(Instant.parse("2025-01-01T00:00:00Z")));
        assertThat(run("run", "x").out()).doesNotContain(flag);
    }

    @Test
    void runsFromBesideItsJarsWhereItIsInstalled() throws Exception {
        Files.createDirectories(root.resolve("lib"));
        Path jar = Files.writeString(root.resolve("lib/poller-daemon-1.jar"), "");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
        Files.writeString(root.resolve("millrace.aot"), "");
        Path installed = root.toRealPath();

        assertThat(run("run", "x").out())
                .containsSubsequence(
                        "-XX:AOTCache=" + installed + "/millrace.aot", "-cp", installed + "/lib/poller-daemon-1.jar");
        assertThat(run("train").out()).contains("-XX:AOTCacheOutput=" + installed + "/millrace.aot");
    }

    @Test
    void printsWhatTheJvmWouldGetForThoseWhoStartItThemselves() throws Exception {
        jar("poller-daemon-1.jar");
        environment.put("MILLRACE_JAVA_OPTS", "-Dx=a\\b\"c");

        for (String command : List.of("run", "validate")) {
            List<String> given = run(command).out();
            List<String> printed = run("java-arguments", command).out().stream()
                    .map(line -> line.substring(1, line.length() - 1)
                            .replace("\\\"", "\"")
                            .replace("\\\\", "\\"))
                    .toList();

            assertThat(printed).isEqualTo(given.subList(0, given.size() - 1)).contains("-Dx=a\\b\"c");
        }
    }

    @Test
    void passesMoreOptionsToTheJvm() throws Exception {
        jar("poller-daemon-1.jar");
        environment.put("MILLRACE_JAVA_OPTS", "-Xmx64m -Dx=y");

        assertThat(run("run", "x").out()).containsSubsequence("-Xmx64m", "-Dx=y", "-cp");
    }

    @Test
    void leavesTheCollectorToWhoeverNamesOne() throws Exception {
        jar("poller-daemon-1.jar");
        assertThat(run("run", "x").out()).contains("-XX:+UseParallelGC");

        environment.put("MILLRACE_JAVA_OPTS", "-Xmx64m -XX:+UseZGC");

        assertThat(run("run", "x").out()).contains("-XX:+UseZGC").doesNotContain("-XX:+UseParallelGC");
    }

    @Test
    void prefersTheJdkThatItIsTold() throws Exception {
        jar("poller-daemon-1.jar");
        Path other = java("jdk-26", "26");
        script(other.resolve("bin/java"), "#!/usr/bin/env bash\necho other\n");
        environment.put("MILLRACE_JAVA_HOME", other.toString());

        assertThat(run("run", "x").out()).containsExactly("other");
    }

    @Test
    void skipsJavasThatAreTooOldAndFindsOneBelowTheHomeFolder() throws Exception {
        jar("poller-daemon-1.jar");
        Path old = java("jdk-17", "17.0.15");
        script(old.resolve("bin/java"), "#!/usr/bin/env bash\necho too old\n");
        environment.put("JAVA_HOME", old.toString());
        java("home/.jdks/temurin-25", "25.0.1");

        forgetThePlacesOfThisMachine();
        assertThat(run("--version").out()).endsWith("dev.millrace.daemon.Main", "--version");
    }

    @Test
    void saysWhereItLookedWhenThereIsNoJdk() throws Exception {
        environment.put("JAVA_HOME", java("jdk-17", "17.0.15").toString());
        script(root.resolve("home/.jdks/jdk-21/bin/java"), JAVA);
        Files.writeString(root.resolve("home/.jdks/jdk-21/release"), "JAVA_VERSION=\"21.0.1\"\n");
        forgetThePlacesOfThisMachine();

        Run run = run("--version");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("millrace: needs a JDK 25 or newer and found none.")
                .contains(
                        "  found  JAVA_HOME=" + root.resolve("jdk-17") + ": Java 17",
                        "  found  java on the PATH (" + root.toRealPath() + "): Java 11",
                        "  found  " + root.resolve("home/.jdks/jdk-21") + ": Java 21",
                        "  looked in  " + root.resolve("home") + "/.jdks",
                        "millrace: install one, for example Eclipse Temurin 25 from https://adoptium.net, or name one"
                                + " in MILLRACE_JAVA_HOME.");
    }

    /** A JDK 25 of the machine that runs the test must not answer for the ones in it. */
    private void forgetThePlacesOfThisMachine() throws IOException {
        String launcher = Files.readString(LAUNCHER);
        String places = "/usr/lib/jvm /usr/java /usr/local/java /opt /opt/java";
        assertThat(launcher).contains(places);
        script(root.resolve("bin/java"), "#!/usr/bin/env bash\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
        script(root.resolve("millrace"), launcher.replace(places, "").replace("/Library", root + "/Library"));
    }

    @Test
    void saysWhatIsWrongWithTheJdkThatItIsTold() throws Exception {
        environment.put("MILLRACE_JAVA_HOME", java("jdk-17", "17.0.15").toString());

        Run run = run("run", "x");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .containsExactly("millrace: MILLRACE_JAVA_HOME=" + root.resolve("jdk-17")
                        + ": Java 17; it must name a JDK 25 or newer.");
    }

    @Test
    void buildsWhatIsMissingOrOlderThanItsSourcesAndOnlyThen() throws Exception {
        Path source = root.resolve("poller-core/src/main/java/A.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "");
        Files.writeString(root.resolve("pom.xml"), "");

        Run first = run("run", "x");
        assertThat(first.exitCode()).isZero();
        assertThat(first.err().getFirst()).startsWith("millrace: building");
        assertThat(first.err()).hasSize(2).last().asString().startsWith("millrace: built in ");
        assertThat(root.resolve("target/build.log"))
                .hasContent("mvn -q -B -DskipTests package with " + root.resolve("jdk-25"));
        assertThat(first.out()).endsWith("dev.millrace.daemon.Main", "run", "x");
        assertThat(run("run", "x").err()).isEmpty();

        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(run("run", "x").err().getFirst()).startsWith("millrace: building");
    }

    @Test
    void saysThatTheBuildFailed() throws Exception {
        Files.writeString(root.resolve("pom.xml"), "");
        script(root.resolve("bin/mvn"), "#!/usr/bin/env bash\necho the reason\nexit 1\n");

        Run run = run("run", "x");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).containsSubsequence("the reason", "millrace: the build failed; Maven says why above.");
    }

    @Test
    void startsTheQuickstartFromItsOwnDistribution() throws Exception {
        Path lib = root.resolve("quickstart/target/dist/lib");
        Files.createDirectories(lib);
        Files.writeString(lib.resolve("quickstart-1.jar"), "");

        assertThat(run("quickstart", "--once").out()).endsWith("dev.millrace.quickstart.Quickstart", "--once");
    }

    @Test
    void isFoundThroughASymbolicLink() throws Exception {
        jar("poller-daemon-1.jar");
        Path link = Files.createSymbolicLink(root.resolve("bin/mill"), Path.of("..", "millrace"));

        assertThat(start(link, "run", "x").out()).endsWith("dev.millrace.daemon.Main", "run", "x");
    }

    private Path jar(String name) throws IOException {
        Path lib = Files.createDirectories(root.resolve("poller-daemon/target/dist/lib"));
        return Files.writeString(lib.resolve(name), "");
    }

    private Path java(String folder, String version) throws IOException {
        Path home = root.resolve(folder);
        script(home.resolve("bin/java"), JAVA);
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Run(int exitCode, List<String> out, List<String> err) {}

    private Run run(String... arguments) throws IOException, InterruptedException {
        return start(root.resolve("millrace"), arguments);
    }

    private Run start(Path program, String... arguments) throws IOException, InterruptedException {
        Path out = root.resolve("out.txt");
        Path err = root.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(program.toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(
                process.exitValue(),
                Files.readAllLines(out, StandardCharsets.UTF_8),
                Files.readAllLines(err, StandardCharsets.UTF_8));
    }
}
