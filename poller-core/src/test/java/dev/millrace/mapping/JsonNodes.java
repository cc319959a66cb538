package dev.millrace.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.config.Section;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads JSON written in a test as a configuration section, single quotes standing for double ones. */
final class JsonNodes {

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonNodes() {}

    static Section section(String json, Problems problems) {
        try {
            return new Section("", (ConfigNode.Mapping) node(JSON.readTree(json.replace('\'', '"'))), problems);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static ConfigNode node(JsonNode json) {
        Position position = new Position("request body", 0);
        if (json.isObject()) {
            Map<String, ConfigNode> entries = new LinkedHashMap<>();
            json.propertyStream().forEach(field -> entries.put(field.getKey(), node(field.getValue())));
            return new ConfigNode.Mapping(entries, position);
        }
        if (json.isArray()) {
            return new ConfigNode.Sequence(
                    json.valueStream().map(JsonNodes::node).toList(), position);
        }
        return new ConfigNode.Scalar(json.isNull() ? "" : json.asText(), position);
    }
}
