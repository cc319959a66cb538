package dev.millrace.daemon.shared;

import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.MappingTexts;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.daemon.shared.ReadDefinition.Overridden;
import dev.millrace.daemon.shared.ReadDefinition.Usable;
import dev.millrace.daemon.shared.ReadDefinition.Wrong;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.MappingRules;
import java.time.Instant;
import java.util.List;

/** Reads definitions as this node's configuration would read them, had they been written there. */
public final class DefinitionReader {

    /** What a problem's place is called when it is the whole definition. */
    private static final String NAME = "definition";

    private final DaemonConfig config;
    private final Plugins plugins;

    public DefinitionReader(DaemonConfig config, Plugins plugins) {
        this.config = config;
        this.plugins = plugins;
    }

    /**
     * Reads all of them, each for itself; of two that have the same source and function the first one counts, on every node.
     *
     * @param now the time that a starting position is compared with
     */
    public List<ReadDefinition> read(List<Definition> definitions, Instant now) {
        MappingTexts texts = new MappingTexts(config, plugins, now);
        return definitions.stream().map(definition -> read(definition, texts)).toList();
    }

    private ReadDefinition read(Definition definition, MappingTexts texts) {
        MappingTexts.Read read = texts.json(NAME, definition.json());
        if (!read.problems().isEmpty()) {
            return new Wrong(
                    definition,
                    read.problems().stream()
                            .map(problem -> problem.path().isEmpty()
                                    ? problem.message()
                                    : problem.path() + ": " + problem.message())
                            .toList());
        }
        EventSourceMapping mapping = read.mappings().getFirst();
        if (!mapping.uuid().equals(definition.mapping())) {
            return new Wrong(
                    definition,
                    List.of("UUID: " + mapping.uuid() + " is another mapping's identity than " + definition.mapping()
                            + ", where it is stored; delete it and put it again"));
        }
        return MappingRules.conflict(mapping, config.mappings())
                .<ReadDefinition>map(conflict -> new Overridden(definition, mapping, conflict.message()))
                .orElseGet(() -> new Usable(definition, mapping));
    }
}
