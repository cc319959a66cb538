package dev.millrace.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of a configuration tree, with its position. Scalars are kept as text; the reader decides the type. */
public sealed interface ConfigNode {

    /** More of a wrong value than this helps nobody. */
    int MAXIMUM_SHOWN = 60;

    Position position();

    /** What this is, for messages that expected something else: {@code 'x'}, {@code a list}. */
    default String described() {
        return switch (this) {
            case Scalar(var text, var _) when text.isEmpty() -> "nothing";
            case Scalar(var text, var _) ->
                "'" + (text.length() <= MAXIMUM_SHOWN ? text : text.substring(0, MAXIMUM_SHOWN) + "...") + "'";
            case Sequence _ -> "a list";
            case Mapping _ -> "a section";
        };
    }

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
