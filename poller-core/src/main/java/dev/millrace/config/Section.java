package dev.millrace.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One mapping of the configuration being read. Every accessor names its key once; {@link #rejectUnknownKeys()} then
 * reports keys that nobody asked for, with the nearest known one. A wrong value is added to the problems and the
 * accessor answers as if the key were absent, so that one run reports everything. Not thread-safe.
 */
public final class Section {

    private final String path;
    private final ConfigNode.Mapping node;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    public Section(String path, ConfigNode.Mapping node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    /** An empty section, for optional parts that are absent: every key reads as absent. */
    public static Section empty(String path, Problems problems) {
        return new Section(path, new ConfigNode.Mapping(Map.of(), Position.UNKNOWN), problems);
    }

    public String path() {
        return path;
    }

    public Position position() {
        return node.position();
    }

    /** Keys present in the file, whether known or not. */
    public Set<String> keys() {
        return node.entries().keySet();
    }

    public boolean has(String key) {
        known.add(key);
        return node.entries().containsKey(key);
    }

    /** Where the key's value stands; the section's own position when the key is absent. */
    public Position positionOf(String key) {
        ConfigNode value = node.entries().get(key);
        return value == null ? node.position() : value.position();
    }

    public String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Adds a problem at the key. */
    public void problem(String key, String message) {
        problems.add(positionOf(key), pathOf(key), message);
    }

    public Problems problems() {
        return problems;
    }

    public Optional<String> string(String key) {
        return node(key).flatMap(value -> switch (value) {
            case ConfigNode.Scalar scalar -> Optional.of(scalar.text());
            case ConfigNode.Sequence _ -> wrong(key, "expected a single value, found a list");
            case ConfigNode.Mapping _ -> wrong(key, "expected a single value, found a section");
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

    public OptionalInt integer(String key, int minimum, int maximum) {
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
        problem(key, "'" + text.get() + "' is not a whole number from " + minimum + " to " + maximum);
        return OptionalInt.empty();
    }

    public int integer(String key, int minimum, int maximum, int defaultValue) {
        return integer(key, minimum, maximum).orElse(defaultValue);
    }

    public Optional<Double> decimal(String key, double minimum, double maximum) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            double value = Double.parseDouble(text.get().strip());
            if (value >= minimum && value <= maximum) {
                return Optional.of(value);
            }
        } catch (NumberFormatException e) {
            // Reported below together with values out of range.
        }
        problem(key, "'" + text.get() + "' is not a number from " + minimum + " to " + maximum);
        return Optional.empty();
    }

    /** A duration in seconds, fractions allowed (resolution: milliseconds). */
    public Duration seconds(String key, Duration minimum, Duration maximum, Duration defaultValue) {
        return decimal(key, minimum.toMillis() / 1000.0, maximum.toMillis() / 1000.0)
                .map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
                .orElse(defaultValue);
    }

    public boolean bool(String key, boolean defaultValue) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return defaultValue;
        }
        return switch (text.get().strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> {
                problem(key, "'" + text.get() + "' is neither true nor false");
                yield defaultValue;
            }
        };
    }

    /** One of the constants of an enum, written as the constant's name, in any case. */
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
        List<String> names = List.of(type.getEnumConstants()).stream().map(Enum::name).toList();
        problem(key, "'" + text.get() + "' is not one of " + String.join(", ", names));
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

    public Optional<Section> section(String key) {
        return node(key).flatMap(value -> switch (value) {
            case ConfigNode.Mapping mapping -> Optional.of(new Section(pathOf(key), mapping, problems));
            case ConfigNode.Scalar scalar when scalar.text().isEmpty() -> Optional.of(empty(pathOf(key), problems));
            case ConfigNode.Scalar _ -> wrong(key, "expected a section, found a single value");
            case ConfigNode.Sequence _ -> wrong(key, "expected a section, found a list");
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
                problems.add(items.get(i).position(), itemPath, "expected a section");
            }
        }
        return sections;
    }

    /** Reports every key that no accessor has asked for. Call it last. */
    public void rejectUnknownKeys() {
        for (String key : node.entries().keySet()) {
            if (!known.contains(key)) {
                String hint = NearestMatch.of(key, known)
                        .map(match -> "; did you mean '" + match + "'?")
                        .orElseGet(() -> "; known here: "
                                + known.stream().sorted().collect(Collectors.joining(", ")));
                problem(key, "unknown key" + hint);
            }
        }
    }

    private Optional<ConfigNode> node(String key) {
        known.add(key);
        return Optional.ofNullable(node.entries().get(key));
    }

    private <T> Optional<T> wrong(String key, String message) {
        problem(key, message);
        return Optional.empty();
    }
}
