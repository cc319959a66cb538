package dev.millrace.filter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One filter pattern as a tree: what it asks of a record, before the engine compiles it. Immutable. */
final class FilterPattern {

    /** What a record's data turned out to be. */
    enum DataFormat {
        /** An object or an array. */
        JSON,
        /** Any other text, single JSON values included. */
        PLAIN
    }

    /** As at EventBridge: alternatives multiply, so a pattern within its 4,096 characters can mean billions of rules. */
    static final int MAXIMUM_COMBINATIONS = 1_000;

    private static final String OR = "$or";
    private static final String ANYTHING_BUT = "anything-but";
    private static final Set<String> ENGINE_ONLY = Set.of("wildcard", "cidr", "exactly");
    private static final Set<String> OPERATORS = Set.of(
            "exactly", "equals-ignore-case", "prefix", "suffix", ANYTHING_BUT, "exists", "wildcard", "numeric", "cidr");

    /** Strict, since a repeated key would silently drop the condition before it, and filtered messages are deleted. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final ObjectNode root;
    private final DataKey dataKey;

    private FilterPattern(ObjectNode root, DataKey dataKey) {
        this.root = root;
        this.dataKey = dataKey;
    }

    /** Reads a pattern; the engine still has to accept its rules. */
    static FilterPattern parse(String text, DataKey dataKey, FilterOperators operators) throws InvalidPatternException {
        if (!(tree(text) instanceof ObjectNode root)) {
            throw new InvalidPatternException("the pattern is not a JSON object");
        }
        if (combinations(root) > MAXIMUM_COMBINATIONS) {
            throw new InvalidPatternException(
                    "its $or alternatives make more than " + MAXIMUM_COMBINATIONS + " combinations");
        }
        if (operators == FilterOperators.DOCUMENTED) {
            rejectEngineOnlyOperators(root);
        }
        FilterPattern pattern = new FilterPattern(root, dataKey);
        if (!dataKey.plainAllowed() && pattern.formats().contains(DataFormat.PLAIN)) {
            throw new InvalidPatternException(
                    "'" + dataKey.member() + "' must be filtered by an object, not by a list");
        }
        return pattern;
    }

    private static JsonNode tree(String text) throws InvalidPatternException {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidPatternException("the pattern is not JSON: " + e.getOriginalMessage());
        }
    }

    private static long combinations(ObjectNode pattern) {
        long product = 1;
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            long factor = 1;
            if (isOr(field.getKey(), field.getValue())) {
                factor = 0;
                for (JsonNode alternative : field.getValue()) {
                    factor += combinations((ObjectNode) alternative);
                }
            } else if (field.getValue() instanceof ObjectNode nested) {
                factor = combinations(nested);
            }
            // Capped, so that the product of many alternatives cannot overflow.
            product = Math.min(product * factor, MAXIMUM_COMBINATIONS + 1L);
        }
        return product;
    }

    /** {@code $or} is an ordinary field unless it lists two or more patterns (spec 6.2). */
    private static boolean isOr(String name, JsonNode value) {
        if (!name.equals(OR) || !(value instanceof ArrayNode alternatives) || alternatives.size() < 2) {
            return false;
        }
        for (JsonNode alternative : alternatives) {
            if (!(alternative instanceof ObjectNode pattern) || namesAnOperator(pattern)) {
                return false;
            }
        }
        return true;
    }

    private static boolean namesAnOperator(ObjectNode pattern) {
        return pattern.properties().stream().anyMatch(field -> OPERATORS.contains(field.getKey()));
    }

    private static void rejectEngineOnlyOperators(ObjectNode pattern) throws InvalidPatternException {
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            if (field.getValue() instanceof ObjectNode nested) {
                rejectEngineOnlyOperators(nested);
                continue;
            }
            boolean or = isOr(field.getKey(), field.getValue());
            for (JsonNode item : field.getValue()) {
                if (or) {
                    rejectEngineOnlyOperators((ObjectNode) item);
                } else if (item instanceof ObjectNode rule) {
                    rejectEngineOnlyOperator(rule);
                }
            }
        }
    }

    private static void rejectEngineOnlyOperator(ObjectNode rule) throws InvalidPatternException {
        for (Map.Entry<String, JsonNode> operator : rule.properties()) {
            String name = operator.getKey();
            if (ENGINE_ONLY.contains(name)) {
                throw new InvalidPatternException("'" + name + "' is not documented for event source mappings");
            }
            if (name.equals(ANYTHING_BUT) && operator.getValue().isObject()) {
                throw new InvalidPatternException(
                        "'anything-but' with another operator is not documented for event source mappings");
            }
        }
    }

    /** Names at the top level that the pattern asks for, data included; of {@code a.b} only {@code a}. */
    Set<String> topLevelNames() {
        Set<String> names = new HashSet<>();
        collectTopLevelNames(root, names);
        return names;
    }

    private static void collectTopLevelNames(ObjectNode pattern, Set<String> names) {
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            if (isOr(field.getKey(), field.getValue())) {
                field.getValue().forEach(alternative -> collectTopLevelNames((ObjectNode) alternative, names));
            } else {
                names.add(firstStep(field.getKey()));
            }
        }
    }

    /** The engine takes the key {@code a.b} for the path from a to b. */
    private static String firstStep(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    private Set<DataFormat> formats() {
        Set<DataFormat> formats = new HashSet<>();
        collectFormats(root, formats);
        return formats;
    }

    private void collectFormats(ObjectNode pattern, Set<DataFormat> formats) {
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            if (isOr(field.getKey(), field.getValue())) {
                field.getValue().forEach(alternative -> collectFormats((ObjectNode) alternative, formats));
            } else {
                format(field.getKey(), field.getValue()).ifPresent(formats::add);
            }
        }
    }

    /** The format of data that a field asks for; empty when it does not ask for the data. */
    private Optional<DataFormat> format(String name, JsonNode value) {
        if (!firstStep(name).equals(dataKey.member())) {
            return Optional.empty();
        }
        boolean plain = name.equals(dataKey.member()) && !value.isObject();
        return Optional.of(plain ? DataFormat.PLAIN : DataFormat.JSON);
    }

    /**
     * The part of the pattern that data of this format can match; empty when nothing is left (spec 6.4: a mismatch of
     * formats drops the record, whatever the rules are; without this, {@code exists: false} would match).
     */
    Optional<String> matching(DataFormat actual) {
        return matching(root, actual).map(ObjectNode::toString);
    }

    private Optional<ObjectNode> matching(ObjectNode pattern, DataFormat actual) {
        ObjectNode left = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            JsonNode value = field.getValue();
            if (isOr(field.getKey(), value)) {
                ArrayNode alternatives = matchingAlternatives(value, actual);
                if (alternatives.isEmpty()) {
                    return Optional.empty();
                }
                left.set(OR, alternatives);
            } else if (format(field.getKey(), value).orElse(actual) != actual) {
                return Optional.empty();
            } else {
                left.set(field.getKey(), value);
            }
        }
        return Optional.of(left);
    }

    private ArrayNode matchingAlternatives(JsonNode or, DataFormat actual) {
        ArrayNode left = JSON.createArrayNode();
        for (JsonNode alternative : or) {
            matching((ObjectNode) alternative, actual).ifPresent(left::add);
        }
        if (left.size() == 1) {
            // The engine wants two; the same one twice means the same.
            left.add(left.get(0));
        }
        return left;
    }
}
