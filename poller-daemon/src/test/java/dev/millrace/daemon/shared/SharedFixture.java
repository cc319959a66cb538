package dev.millrace.daemon.shared;

import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.daemon.config.ConfigFixture;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.MappingTexts;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.mapping.EventSourceMapping;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A configuration with the functions {@code f} and {@code g}, and mappings of queues written for it. */
final class SharedFixture {

    static final Instant NOW = ConfigFixture.NOW;

    final DaemonConfig config;
    final Plugins plugins = Plugins.installed();

    SharedFixture(Path directory) {
        this(directory, "");
    }

    /** @param mappings of the configuration's own */
    SharedFixture(Path directory, String mappings) {
        config = new ConfigFixture(directory)
                .valid("Functions: {f: {Fake: {}}, g: {Fake: {}}}\n" + mappings)
                .config();
    }

    static UUID id(int number) {
        return new UUID(0, number);
    }

    /** A mapping of a queue to {@code f} as JSON, with more members. */
    static String json(int id, String queue, String members) {
        return "{\"UUID\": \"" + id(id) + "\", \"EventSourceArn\": \"arn:aws:sqs:us-east-1:000000000000:" + queue
                + "\", \"FunctionName\": \"f\"" + members + "}";
    }

    static Definition definition(int id, String json) {
        return new Definition(id(id), json, NOW);
    }

    EventSourceMapping mapping(int id, String queue, String members) {
        return new MappingTexts(config, plugins, NOW)
                .json("mapping", json(id, queue, members))
                .mappings()
                .getFirst();
    }

    ReadDefinition usable(int id, String queue, String members) {
        String text = json(id, queue, members);
        return new ReadDefinition.Usable(definition(id, text), mapping(id, queue, members));
    }

    List<ReadDefinition> read(Definition... definitions) {
        return new DefinitionReader(config, plugins).read(List.of(definitions), NOW);
    }
}
