package dev.millrace.house;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A YAML value: a scalar, a list, or a mapping.
 *
 * @param tree as the parser gives it
 */
record Yaml(Object tree) {

    /** The documents in a text, without empty ones. */
    static List<Yaml> documents(String text) {
        List<Yaml> documents = new ArrayList<>();
        for (Object document :
                new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build()).loadAllFromString(text)) {
            Optional.ofNullable(document).map(Yaml::new).ifPresent(documents::add);
        }
        return documents;
    }

    /** The only document of a file. */
    static Yaml of(Path file) {
        try {
            List<Yaml> documents = documents(Repository.read(file));
            if (documents.size() != 1) {
                throw new IllegalStateException(documents.size() + " documents");
            }
            return documents.getFirst();
        } catch (YamlEngineException | IllegalStateException e) {
            throw new IllegalStateException(Repository.shown(file) + ": " + e.getMessage(), e);
        }
    }

    /** What lies below these keys and indices, if anything does. */
    Optional<Yaml> find(Object... steps) {
        Object place = tree;
        for (Object step : steps) {
            @Nullable
            Object next = switch (place) {
                case Map<?, ?> mapping -> mapping.get(step);
                case List<?> list when step instanceof Integer index && index < list.size() -> list.get(index);
                default -> null;
            };
            if (next == null) {
                return Optional.empty();
            }
            place = next;
        }
        return Optional.of(new Yaml(place));
    }

    /** What lies below these keys and indices. */
    Yaml at(Object... steps) {
        return find(steps).orElseThrow(() -> new IllegalStateException("nothing at " + List.of(steps) + " in " + tree));
    }

    /** The elements of a list, or the values of a mapping. */
    List<Yaml> items() {
        return switch (tree) {
            case List<?> list -> list.stream().map(Yaml::new).toList();
            case Map<?, ?> mapping -> mapping.values().stream().map(Yaml::new).toList();
            default -> throw new IllegalStateException("not a list: " + tree);
        };
    }

    String text() {
        return tree.toString();
    }

    int number() {
        return Integer.parseInt(text());
    }
}
