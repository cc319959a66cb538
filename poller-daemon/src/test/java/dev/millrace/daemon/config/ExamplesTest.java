package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every configuration that is shipped, those directly in examples/ and those beside compose files and manifests, is one that
 * {@code millrace validate} accepts without a warning.
 */
class ExamplesTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final Path COMPOSE = Path.of("..", "docker");
    private static final Path KUBERNETES = Path.of("..", "deploy", "kubernetes");
    private static final Path README = Path.of("..", "README.md");
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    static List<Path> examples() throws IOException {
        try (Stream<Path> examples = Files.list(EXAMPLES);
                Stream<Path> compose = Files.list(COMPOSE)) {
            Stream<Path> ofCompose =
                    compose.filter(file -> String.valueOf(file.getFileName()).startsWith("millrace."));
            Stream<Path> ofKubernetes = Stream.of(
                    KUBERNETES.resolve("base/millrace.yaml"), KUBERNETES.resolve("overlays/cluster/millrace.yaml"));
            return Stream.of(examples, ofCompose, ofKubernetes)
                    .flatMap(files -> files)
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleIsValid(Path example) {
        LoadedConfig loaded = load(example);

        assertThat(loaded).as(loaded.toString()).isInstanceOf(LoadedConfig.Valid.class);
        LoadedConfig.Valid valid = (LoadedConfig.Valid) loaded;
        assertThat(valid.warnings()).isEmpty();
        assertThat(valid.config().mappings()).isNotEmpty();
    }

    @Test
    void theConfigurationOfAClusterDiffersByWhatItsModeNeeds() throws IOException {
        List<String> single = settings(KUBERNETES.resolve("base/millrace.yaml"));
        List<String> cluster = settings(KUBERNETES.resolve("overlays/cluster/millrace.yaml"));

        assertThat(cluster.removeFirst()).isEqualTo("Coordination: {Mode: Kcl}");
        assertThat(single.removeIf(line -> line.startsWith("Store: "))).isTrue();
        assertThat(cluster).isEqualTo(single);
    }

    private static List<String> settings(Path file) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.removeIf(line -> line.strip().startsWith("#"));
        return lines;
    }

    @Test
    void theReadmeShowsTheFirstExample() throws IOException {
        String readme = Files.readString(README);
        int start = readme.indexOf("```yaml\n") + "```yaml\n".length();

        assertThat(readme.substring(start, readme.indexOf("```", start)))
                .isEqualTo(Files.readString(EXAMPLES.resolve("millrace.yaml")));
    }

    private static LoadedConfig load(Path file) {
        return new ConfigLoader(Plugins.installed(), _ -> null, NOW).load(file);
    }
}
