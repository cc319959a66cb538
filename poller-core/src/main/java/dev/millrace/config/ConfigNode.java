package dev.millrace.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of a configuration tree, with its position. Scalars are kept as text; the reader decides the type. */
public sealed interface ConfigNode {

    Position position();

    /** A single value as text; {@code text} is empty for an explicit null. */
    record Scalar(String text, Position position) implements ConfigNode {}

    /** A list. */
    record Sequence(List<ConfigNode> items, Position position) implements ConfigNode {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /** Keys and values in the order of the file. */
    record Mapping(Map<String, ConfigNode> entries, Position position) implements ConfigNode {
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }
}
