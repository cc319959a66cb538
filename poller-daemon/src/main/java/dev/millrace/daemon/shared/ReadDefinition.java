package dev.millrace.daemon.shared;

import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.mapping.EventSourceMapping;
import java.util.List;

/** What this node makes of a definition. */
public sealed interface ReadDefinition {

    Definition definition();

    /** It can be polled here. */
    record Usable(Definition definition, EventSourceMapping mapping) implements ReadDefinition {}

    /**
     * The node's own file has this mapping, too, and its word counts here.
     *
     * @param reason which mapping of the file is in the way
     */
    record Overridden(Definition definition, EventSourceMapping mapping, String reason) implements ReadDefinition {}

    /**
     * It breaks a rule, or names what this node does not have.
     *
     * @param problems what is wrong, each with its remedy; at least one
     */
    record Wrong(Definition definition, List<String> problems) implements ReadDefinition {
        public Wrong {
            problems = List.copyOf(problems);
        }
    }
}
