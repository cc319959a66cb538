package dev.millrace.bench.server.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One table of {@link CannedDynamoDb}: items as DynamoDB spells them, by their hash key. Confined to the loop's thread. */
final class LeaseTable {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** {@code SET #name = :value}, one of several. */
    private static final Pattern ASSIGNMENT = Pattern.compile("([#\\w]+)\\s*=\\s*(:\\w+)");

    private static final Pattern REMOVAL = Pattern.compile("REMOVE\\s+([#\\w]+(?:\\s*,\\s*[#\\w]+)*)");

    private final ObjectNode description;
    private final String key;
    private final Map<String, ObjectNode> items = new TreeMap<>();

    /** @param creation the request that creates it */
    LeaseTable(JsonNode creation) {
        key = creation.path("KeySchema").path(0).path("AttributeName").asText();
        description = creation.deepCopy();
        description.put("TableStatus", "ACTIVE").put("ItemCount", 0).put("TableSizeBytes", 0);
        // On demand, as the library makes it.
        description
                .putObject("ProvisionedThroughput")
                .put("ReadCapacityUnits", 0)
                .put("WriteCapacityUnits", 0);
        for (JsonNode index : description.path("GlobalSecondaryIndexes")) {
            ((ObjectNode) index).put("IndexStatus", "ACTIVE");
        }
    }

    /** Active with its indexes from the beginning. */
    ObjectNode description() {
        return description;
    }

    /** The item, empty when there is none. */
    ObjectNode get(JsonNode keyAttributes) {
        return items.getOrDefault(keyOf(keyAttributes), NODES.objectNode());
    }

    void put(ObjectNode item) {
        items.put(keyOf(item), item);
    }

    private String keyOf(JsonNode attributes) {
        return attributes.path(key).path("S").asText();
    }

    /** Both ways of writing an update; returns the item as it is then. */
    ObjectNode update(JsonNode request) {
        ObjectNode item = items.computeIfAbsent(keyOf(request.path("Key")), k ->
                (ObjectNode) request.path("Key").deepCopy());
        request.path("AttributeUpdates").properties().forEach(update -> {
            if (update.getValue().path("Action").asText("PUT").equals("DELETE")) {
                item.remove(update.getKey());
            } else {
                item.set(update.getKey(), update.getValue().path("Value"));
            }
        });
        String expression = request.path("UpdateExpression").asText();
        equations(expression, request).forEach(item::set);
        Matcher removal = REMOVAL.matcher(expression);
        while (removal.find()) {
            for (String name : removal.group(1).split("\\s*,\\s*", -1)) {
                item.remove(attribute(name, request));
            }
        }
        return item;
    }

    /** The items that equal what the request's expressions name; all when it has none. */
    ArrayNode find(JsonNode request) {
        String expression = request.path("KeyConditionExpression").asText() + " AND "
                + request.path("FilterExpression").asText();
        Map<String, JsonNode> wanted = equations(expression, request);
        ArrayNode found = NODES.arrayNode();
        if (request.path("Segment").asInt() > 0) {
            // Of a parallel scan the first segment finds everything.
            return found;
        }
        for (ObjectNode item : items.values()) {
            if (wanted.entrySet().stream()
                    .allMatch(equation -> equation.getValue().equals(item.get(equation.getKey())))) {
                found.add(item);
            }
        }
        return found;
    }

    private static Map<String, JsonNode> equations(String expression, JsonNode request) {
        Map<String, JsonNode> equations = new TreeMap<>();
        Matcher matcher = ASSIGNMENT.matcher(expression);
        while (matcher.find()) {
            equations.put(
                    attribute(matcher.group(1), request),
                    request.path("ExpressionAttributeValues").path(matcher.group(2)));
        }
        return equations;
    }

    private static String attribute(String name, JsonNode request) {
        return name.startsWith("#")
                ? request.path("ExpressionAttributeNames").path(name).asText()
                : name;
    }
}
