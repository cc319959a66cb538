package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.config.Section;
import dev.millrace.daemon.yaml.YamlReader;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.mapping.MappingMember;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/configuration.md and the loader know the same keys: the loader is asked by giving it one that nobody knows. */
class ConfigurationDocsTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "configuration.md");
    private static final String UNKNOWN = "zzzzzzzzzzzzzzzzzzzz";
    private static final Pattern ANSWER =
            Pattern.compile(Pattern.quote(UNKNOWN) + ": unknown key; known here: (?<keys>[A-Za-z0-9, ]+)$");
    private static final Pattern HEADING = Pattern.compile("^#+ (?:`(?<path>[^`]+)`|Top level)$");
    private static final Pattern ROW = Pattern.compile("^\\| `(?<key>[A-Za-z0-9]+)` \\|.*");
    /** Spellings that are taken besides the documented one. */
    private static final List<String> ALTERNATIVES = List.of("KMSKeyArn");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void theCompleteExampleIsValid() throws IOException {
        Files.writeString(directory.resolve("millrace.yaml"), example());

        LoadedConfig loaded = loader().load(directory.resolve("millrace.yaml"));

        assertThat(loaded).as(loaded.toString()).isInstanceOf(LoadedConfig.Valid.class);
        assertThat(((LoadedConfig.Valid) loaded).warnings()).isEmpty();
    }

    @Test
    void everyKeyIsDocumentedAndEveryDocumentedKeyIsKnown() throws IOException {
        ConfigNode.Mapping example = withTemplate(
                YamlReader.read("example", example(), new Problems()).orElseThrow());
        Map<String, SortedSet<String>> known = new TreeMap<>();
        for (ConfigNode.Mapping one : List.of(example, inCluster(example))) {
            for (String path : sections("", one)) {
                ask(one, path)
                        .ifPresent(keys -> known.computeIfAbsent(general(path), _ -> new TreeSet<>())
                                .addAll(keys));
            }
        }
        known.values().forEach(keys -> keys.removeAll(ALTERNATIVES));
        // The invoker's types are keys of the function; they are documented apart.
        for (String path : List.of("Functions.<name>", "Functions.<name>.Versions.<version>")) {
            known.getOrDefault(path, new TreeSet<>())
                    .removeAll(providers().stream().map(InvokerProvider::type).toList());
        }
        known.getOrDefault("EventSourceMappings[]", new TreeSet<>())
                .removeAll(MappingMember.OF_OTHER_KINDS.stream()
                        .map(MappingMember::awsName)
                        .toList());

        assertThat(known).isEqualTo(documented());
    }

    /** The keys known in the section at the path, by the loader's answer to one that it does not know. */
    private Optional<List<String>> ask(ConfigNode.Mapping example, String path) throws IOException {
        ConfigNode asked = change("", example, path, mapping -> {
            Map<String, ConfigNode> entries = new LinkedHashMap<>(mapping.entries());
            entries.put(UNKNOWN, new ConfigNode.Scalar("x", mapping.position()));
            return new ConfigNode.Mapping(entries, mapping.position());
        });
        Path file = Files.writeString(directory.resolve("asked.yaml"), json(asked));
        Files.writeString(directory.resolve("template.yaml"), "Resources: {}");
        return switch (loader().load(file)) {
            case LoadedConfig.Valid _ -> Optional.empty();
            case LoadedConfig.Invalid invalid ->
                invalid.problems().stream()
                        .map(problem -> ANSWER.matcher(problem.toString()))
                        .filter(Matcher::find)
                        .map(matcher -> List.of(matcher.group("keys").split(", ", -1)))
                        .findFirst();
        };
    }

    private static ConfigLoader loader() {
        Plugins installed = Plugins.installed();
        return new ConfigLoader(
                new Plugins(
                        providers(),
                        installed.sources(),
                        installed.destinations(),
                        installed.stores(),
                        installed.cluster()),
                _ -> null,
                ConfigFixture.NOW);
    }

    /** Invokers that take every key: the keys of the real ones are documented apart, in docs/invokers.md. */
    private static List<InvokerProvider> providers() {
        return Stream.concat(
                        Stream.of("Http"),
                        Plugins.installed().invokers().stream().map(InvokerProvider::type))
                .distinct()
                .<InvokerProvider>map(AnyKeyProvider::new)
                .toList();
    }

    private record AnyKeyProvider(String type) implements InvokerProvider {
        @Override
        public InvokerFactory configure(FunctionSettings function, Section section) {
            section.keys().forEach(section::has);
            return () -> {
                throw new UnsupportedOperationException("opened " + type);
            };
        }
    }

    private static ConfigNode.Mapping withTemplate(ConfigNode.Mapping example) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>(example.entries());
        ConfigNode.Scalar file = new ConfigNode.Scalar("template.yaml", example.position());
        entries.put(
                "Templates",
                new ConfigNode.Sequence(
                        List.of(new ConfigNode.Mapping(Map.of("File", file), example.position())), example.position()));
        return new ConfigNode.Mapping(entries, example.position());
    }

    /** The same where nodes share shards: other keys are known then. */
    private static ConfigNode.Mapping inCluster(ConfigNode.Mapping example) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>(example.entries());
        entries.put("Coordination", section("Mode", "Kcl"));
        entries.put("Store", section("Type", "DynamoDb"));
        return new ConfigNode.Mapping(entries, example.position());
    }

    private static ConfigNode.Mapping section(String key, String value) {
        return new ConfigNode.Mapping(Map.of(key, new ConfigNode.Scalar(value, Position.UNKNOWN)), Position.UNKNOWN);
    }

    private static List<String> sections(String path, ConfigNode node) {
        List<String> paths = new ArrayList<>();
        switch (node) {
            case ConfigNode.Scalar _ -> {}
            case ConfigNode.Sequence list -> {
                for (int i = 0; i < list.items().size(); i++) {
                    paths.addAll(sections(path + "[" + i + "]", list.items().get(i)));
                }
            }
            case ConfigNode.Mapping mapping -> {
                paths.add(path);
                mapping.entries().forEach((key, value) -> paths.addAll(sections(join(path, key), value)));
            }
        }
        return paths;
    }

    private static ConfigNode change(
            String path, ConfigNode node, String wanted, UnaryOperator<ConfigNode.Mapping> change) {
        return switch (node) {
            case ConfigNode.Scalar scalar -> scalar;
            case ConfigNode.Sequence list -> {
                List<ConfigNode> items = new ArrayList<>();
                for (int i = 0; i < list.items().size(); i++) {
                    items.add(change(path + "[" + i + "]", list.items().get(i), wanted, change));
                }
                yield new ConfigNode.Sequence(items, list.position());
            }
            case ConfigNode.Mapping mapping -> {
                Map<String, ConfigNode> entries = new LinkedHashMap<>();
                mapping.entries()
                        .forEach((key, value) -> entries.put(key, change(join(path, key), value, wanted, change)));
                ConfigNode.Mapping changed = new ConfigNode.Mapping(entries, mapping.position());
                yield path.equals(wanted) ? change.apply(changed) : changed;
            }
        };
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The path as the document's headings write it. */
    private static String general(String path) {
        return path.replaceAll("\\[[0-9]+]", "[]")
                .replaceAll("^Functions\\.[^.]+", "Functions.<name>")
                .replaceAll("\\.Versions\\.[^.]+", ".Versions.<version>")
                .replaceAll("\\.Aliases\\.[^.]+", ".Aliases.<name>");
    }

    private static String json(ConfigNode node) {
        return switch (node) {
            case ConfigNode.Scalar scalar -> quoted(scalar.text());
            case ConfigNode.Sequence list ->
                "["
                        + String.join(
                                ", ",
                                list.items().stream()
                                        .map(ConfigurationDocsTest::json)
                                        .toList()) + "]";
            case ConfigNode.Mapping mapping ->
                "{"
                        + String.join(
                                ", ",
                                mapping.entries().entrySet().stream()
                                        .map(entry -> quoted(entry.getKey()) + ": " + json(entry.getValue()))
                                        .toList())
                        + "}";
        };
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String example() throws IOException {
        String text = Files.readString(DOCUMENT);
        int start = text.indexOf("```yaml\n", text.indexOf("## A complete example")) + "```yaml\n".length();
        return text.substring(start, text.indexOf("```", start));
    }

    private static Map<String, SortedSet<String>> documented() throws IOException {
        Map<String, SortedSet<String>> documented = new TreeMap<>();
        SortedSet<String> current = new TreeSet<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                current = new TreeSet<>();
                documented.put(Optional.ofNullable(heading.group("path")).orElse(""), current);
            } else if (row.matches()) {
                current.add(row.group("key"));
            }
        }
        return documented;
    }
}
