package dev.millrace.config;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of the configuration being read. Every accessor names its key once; {@link #rejectUnknownKeys()} then
 * reports keys that nobody asked for, with the nearest known one. A wrong value is added to the problems and the
 * accessor answers as if the key were absent, so that one run reports everything. Not thread-safe.
 *
 * <p>Keys are named in CloudFormation's spelling ({@code BatchSize}); a file may also write them in lowerCamel
 * ({@code batchSize}), as Kubernetes resources do.
 */
public final class Section {

    private static final Pattern DECIMAL = Pattern.compile("[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?");

    private final String path;
    private final ConfigNode.Mapping node;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    /**
     * A section to read.
     *
     * @param path from the top of the configuration, such as {@code Functions.orders-fn}; empty for the top itself
     * @param problems gets everything that is wrong
     */
    public Section(String path, ConfigNode.Mapping node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    /** An empty section, for optional parts that are absent: every key reads as absent. */
    public static Section empty(String path, Problems problems) {
        return empty(path, Position.UNKNOWN, problems);
    }

    /** An empty section whose problems are reported at the given position. */
    public static Section empty(String path, Position position, Problems problems) {
        return new Section(path, new ConfigNode.Mapping(Map.of(), position), problems);
    }

    /** From the top of the configuration, such as {@code Functions.orders-fn}. */
    public String path() {
        return path;
    }

    /** Where the section stands. */
    public Position position() {
        return node.position();
    }

    /** Keys present in the file, whether known or not. */
    public Set<String> keys() {
        return node.entries().keySet();
    }

    /** Whether the key is in the file, with a value of whatever shape. */
    public boolean has(String key) {
        return node(key).isPresent();
    }

    /** The value as it stands in the tree, for keys whose shape only the reader knows. */
    public Optional<ConfigNode> node(String key) {
        known.add(key);
        return Optional.ofNullable(node.entries().get(written(key)));
    }

    /** Where the key's value stands; the section's own position when the key is absent. */
    public Position positionOf(String key) {
        ConfigNode value = node.entries().get(written(key));
        return value == null ? node.position() : value.position();
    }

    /**
     * Where the value at a path below this section stands, such as {@code ScalingConfig.MaximumConcurrency} or
     * {@code FilterCriteria.Filters[1].Pattern}; the deepest part of the path that exists answers.
     */
    public Position positionAt(String memberPath) {
        ConfigNode deepest = node;
        for (String step : memberPath.replace("[", ".").replace("]", "").split("\\.", -1)) {
            ConfigNode next = switch (deepest) {
                case ConfigNode.Mapping mapping ->
                    mapping.entries()
                            .get(KeySpelling.written(step, mapping.entries().keySet()));
                case ConfigNode.Sequence sequence -> item(sequence, step);
                case ConfigNode.Scalar _ -> null;
            };
            if (next == null) {
                break;
            }
            deepest = next;
        }
        return deepest.position();
    }

    private static @Nullable ConfigNode item(ConfigNode.Sequence sequence, String step) {
        boolean index = !step.isEmpty() && step.chars().allMatch(Character::isDigit);
        int position = index ? Integer.parseInt(step) : Integer.MAX_VALUE;
        return position < sequence.items().size() ? sequence.items().get(position) : null;
    }

    /** The key's full path, in the file's own spelling. */
    public String pathOf(String key) {
        return path.isEmpty() ? written(key) : path + "." + written(key);
    }

    /** Adds a problem at the key. */
    public void problem(String key, String message) {
        problems.add(positionOf(key), pathOf(key), message);
    }

    /** Where wrong values are reported; shared by all sections of a configuration. */
    public Problems problems() {
        return problems;
    }

    /** A single value as text, as it is written. */
    public Optional<String> string(String key) {
        return node(key).flatMap(value -> switch (value) {
            case ConfigNode.Scalar scalar -> Optional.of(scalar.text());
            case ConfigNode.Sequence _, ConfigNode.Mapping _ ->
                wrong(key, "expected a single value, found " + value.described());
        });
    }

    public String string(String key, String defaultValue) {
        return string(key).orElse(defaultValue);
    }

    /** The value, or a problem and an empty string when the key is absent. */
    public String requiredString(String key) {
        if (!has(key)) {
            problem(key, "is required");
            return "";
        }
        return string(key).orElse("");
    }

    /** A whole number within the bounds, both included. */
    public OptionalInt integer(String key, int minimum, int maximum) {
        return wholeNumber(key, minimum, maximum, "from " + minimum + " to " + maximum);
    }

    /** A whole number whose range is somebody else's rule. */
    public OptionalInt integer(String key) {
        return wholeNumber(key, Integer.MIN_VALUE, Integer.MAX_VALUE, "up to " + Integer.MAX_VALUE);
    }

    public int integer(String key, int minimum, int maximum, int defaultValue) {
        return integer(key, minimum, maximum).orElse(defaultValue);
    }

    private OptionalInt wholeNumber(String key, int minimum, int maximum, String range) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int value = Integer.parseInt(text.get().strip());
            if (value >= minimum && value <= maximum) {
                return OptionalInt.of(value);
            }
        } catch (NumberFormatException e) {
            // Reported below together with values out of range: the remedy is the same.
        }
        problem(key, "'" + text.get() + "' is not a whole number " + range);
        return OptionalInt.empty();
    }

    /** A number within the bounds, both included. */
    public Optional<Double> decimal(String key, double minimum, double maximum) {
        Optional<String> text = string(key);
        Optional<Double> value = text.map(String::strip)
                // Java's own parser would take 5d, for five days, as 5.
                .filter(number -> DECIMAL.matcher(number).matches())
                .map(Double::valueOf)
                .filter(number -> number >= minimum && number <= maximum);
        if (text.isPresent() && value.isEmpty()) {
            problem(key, "'" + text.get() + "' is not a number from " + plain(minimum) + " to " + plain(maximum));
        }
        return value;
    }

    /** Whole numbers without a fraction. */
    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    /** A duration in seconds, fractions allowed (resolution: milliseconds). */
    public Duration seconds(String key, Duration minimum, Duration maximum, Duration defaultValue) {
        return decimal(key, minimum.toMillis() / 1000.0, maximum.toMillis() / 1000.0)
                .map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
                .orElse(defaultValue);
    }

    /** A URL with http or https and a host. */
    public Optional<URI> httpUrl(String key) {
        return string(key).flatMap(text -> {
            try {
                return Optional.of(HttpUrl.parse(text.strip()));
            } catch (HttpUrl.NotAUrlException e) {
                return wrong(key, String.valueOf(e.getMessage()));
            }
        });
    }

    /**
     * The path of a file or folder; a relative one counts from the folder of the file that it is written in. Nobody looks
     * whether it exists.
     */
    public Optional<Path> path(String key) {
        return string(key).flatMap(text -> {
            if (text.isBlank()) {
                return wrong(key, "is empty; write the path of a file or folder");
            }
            try {
                return Optional.of(positionOf(key).directory().resolve(text.strip()));
            } catch (InvalidPathException e) {
                return wrong(key, "is not a path: " + e.getReason());
            }
        });
    }

    public boolean bool(String key, boolean defaultValue) {
        return bool(key).orElse(defaultValue);
    }

    /** {@code true} or {@code false}, in any case. */
    public Optional<Boolean> bool(String key) {
        return string(key).flatMap(text -> switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> wrong(key, "'" + text + "' is neither true nor false");
        });
    }

    /** A constant of an enum as it is written in a configuration: {@code Text}, {@code Fast}. */
    public static String word(Enum<?> constant) {
        return constant.name().charAt(0) + constant.name().substring(1).toLowerCase(Locale.ROOT);
    }

    /** One of the constants of an enum, as {@link #word} writes it or in any other case. */
    public <E extends Enum<E>> E choice(String key, Class<E> type, E defaultValue) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return defaultValue;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text.get().strip())) {
                return constant;
            }
        }
        List<String> words =
                Arrays.stream(type.getEnumConstants()).map(Section::word).toList();
        problem(key, "'" + text.get() + "' is not one of " + String.join(", ", words));
        return defaultValue;
    }

    /** A list of single values; a single value alone counts as a list of one. */
    public List<String> strings(String key) {
        List<String> values = new ArrayList<>();
        for (ConfigNode item : items(key)) {
            if (item instanceof ConfigNode.Scalar scalar) {
                values.add(scalar.text());
            } else {
                problems.add(item.position(), pathOf(key), "expected a list of single values");
            }
        }
        return values;
    }

    /** Whether the key is written as a list, for keys that take a single value or a list and mean different things. */
    public boolean isList(String key) {
        return node(key).filter(ConfigNode.Sequence.class::isInstance).isPresent();
    }

    /** The items of a list; empty when absent; a value that is no list counts as a list of one. */
    public List<ConfigNode> items(String key) {
        return node(key)
                .map(value -> value instanceof ConfigNode.Sequence sequence ? sequence.items() : List.of(value))
                .orElse(List.of());
    }

    /** Keys and single values, in the order of the file. */
    public Map<String, String> stringMap(String key) {
        Map<String, String> values = new LinkedHashMap<>();
        section(key).ifPresent(section -> {
            for (String name : section.keys()) {
                section.string(name).ifPresent(value -> values.put(name, value));
            }
        });
        return values;
    }

    /** A section below this one; a key without a value is an empty section. */
    public Optional<Section> section(String key) {
        return node(key).flatMap(value -> switch (value) {
            case ConfigNode.Mapping mapping -> Optional.of(new Section(pathOf(key), mapping, problems));
            case ConfigNode.Scalar scalar
            when scalar.text().isEmpty() -> Optional.of(empty(pathOf(key), scalar.position(), problems));
            case ConfigNode.Scalar _, ConfigNode.Sequence _ ->
                wrong(key, "expected a section of keys and values, found " + value.described());
        });
    }

    /** A list of sections, such as {@code EventSourceMappings}. */
    public List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        List<ConfigNode> items = items(key);
        for (int i = 0; i < items.size(); i++) {
            String itemPath = pathOf(key) + "[" + i + "]";
            if (items.get(i) instanceof ConfigNode.Mapping mapping) {
                sections.add(new Section(itemPath, mapping, problems));
            } else {
                problems.add(
                        items.get(i).position(),
                        itemPath,
                        "expected a section of keys and values, found "
                                + items.get(i).described());
            }
        }
        return sections;
    }

    /** Reports every key that no accessor has asked for. Call it last. */
    public void rejectUnknownKeys() {
        Set<String> wanted = known.stream().map(this::written).collect(Collectors.toSet());
        for (Map.Entry<String, ConfigNode> entry : node.entries().entrySet()) {
            String key = entry.getKey();
            if (!wanted.contains(key)) {
                problems.add(entry.getValue().position(), pathOf(key), "unknown key" + hint(key));
            }
        }
    }

    private String hint(String key) {
        if (known.isEmpty()) {
            return "; no keys are known here";
        }
        return NearestMatch.of(key, known)
                .map(match -> wordsEqual(key, match)
                        ? ": it is already given as '" + match + "'"
                        : "; did you mean '" + match + "'?")
                .orElseGet(() -> "; known here: " + known.stream().sorted().collect(Collectors.joining(", ")));
    }

    private boolean wordsEqual(String key, String match) {
        return key.equalsIgnoreCase(match) && node.entries().containsKey(match);
    }

    /** The key as the file spells it. */
    private String written(String key) {
        return KeySpelling.written(key, node.entries().keySet());
    }

    private <T> Optional<T> wrong(String key, String message) {
        problem(key, message);
        return Optional.empty();
    }
}
