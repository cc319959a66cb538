package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Problems.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A folder of configuration files, loaded with given environment variables. */
public final class ConfigFixture {

    public static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    private final Path directory;
    private final Map<String, String> variables = new HashMap<>();
    private FakeSourceProvider sources = FakeSourceProvider.EVERYTHING;

    public ConfigFixture(Path directory) {
        this.directory = directory;
    }

    public ConfigFixture variable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    /** Only these services can be polled. */
    public ConfigFixture polls(String... services) {
        sources = new FakeSourceProvider(Set.of(services));
        return this;
    }

    public ConfigFixture file(String name, String text) {
        try {
            Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Loads {@code millrace.yaml} with the given text. */
    public LoadedConfig load(String text) {
        file("millrace.yaml", text);
        return loadFile("millrace.yaml");
    }

    public LoadedConfig loadFile(String name) {
        Plugins installed = Plugins.installed();
        Plugins plugins = new Plugins(
                installed.invokers(),
                List.of(sources),
                List.of(new FakeDestinationProvider()),
                installed.stores(),
                installed.cluster());
        return new ConfigLoader(plugins, variables::get, NOW).load(directory.resolve(name));
    }

    public LoadedConfig.Valid valid(String text) {
        return valid(load(text));
    }

    public LoadedConfig.Valid valid(LoadedConfig loaded) {
        assertThat(problems(loaded)).isEmpty();
        return (LoadedConfig.Valid) loaded;
    }

    /** The problems of the text, one line each, without the folder's name. */
    public List<String> problems(String text) {
        return problems(load(text));
    }

    public List<String> problems(LoadedConfig loaded) {
        return switch (loaded) {
            case LoadedConfig.Valid _ -> List.of();
            case LoadedConfig.Invalid invalid -> lines(invalid.problems());
        };
    }

    public List<String> lines(List<Problem> problems) {
        return problems.stream()
                .map(problem -> problem.toString().replace(directory + "/", ""))
                .toList();
    }
}
