package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import java.util.Map;
import java.util.Optional;

/**
 * One entry below {@code Resources}.
 *
 * @param id logical id
 * @param type such as {@code AWS::SQS::Queue}; empty when the template gives none
 * @param node the whole resource
 */
record Resource(String id, String type, ConfigNode.Mapping node) {

    static Resource of(String id, ConfigNode node) {
        ConfigNode.Mapping mapping =
                node instanceof ConfigNode.Mapping found ? found : new ConfigNode.Mapping(Map.of(), node.position());
        String type = mapping.entries().get("Type") instanceof ConfigNode.Scalar scalar ? scalar.text() : "";
        return new Resource(id, type, mapping);
    }

    Position position() {
        return node.position();
    }

    String path() {
        return "Resources." + id;
    }

    ConfigNode.Mapping properties() {
        return node.entries().get("Properties") instanceof ConfigNode.Mapping mapping
                ? mapping
                : new ConfigNode.Mapping(Map.of(), node.position());
    }

    Optional<ConfigNode> property(String name) {
        return Optional.ofNullable(properties().entries().get(name));
    }
}
