package dev.millrace.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Set;

/**
 * The grammar of a filter pattern (spec 6.2), without the meaning of its operators' arguments: what AWS refuses when a
 * mapping is created, whatever engine matches later.
 */
final class FilterPatternSyntax {

    private static final Set<String> OPERATORS = Set.of(
            "anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard");
    private static final String OR = "$or";

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private FilterPatternSyntax() {}

    static boolean isValid(String pattern, EventSourceKind kind) {
        try {
            JsonNode root = JSON.readTree(pattern);
            return root != null && isPattern(root) && !hasPlainRule(root, kind);
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static boolean isPattern(JsonNode node) {
        return node.isObject()
                && node.propertyStream().allMatch(field -> isAlternative(field) || isField(field.getValue()));
    }

    private static boolean isAlternative(Map.Entry<String, JsonNode> field) {
        return isOr(field) && field.getValue().valueStream().allMatch(FilterPatternSyntax::isPattern);
    }

    /** {@code $or} is an operator only above two or more objects whose keys are no operators; else a field like any. */
    private static boolean isOr(Map.Entry<String, JsonNode> field) {
        JsonNode value = field.getValue();
        return field.getKey().equals(OR)
                && value.isArray()
                && value.size() >= 2
                && value.valueStream()
                        .allMatch(item -> item.isObject()
                                && item.propertyStream().noneMatch(inner -> OPERATORS.contains(inner.getKey())));
    }

    private static boolean isField(JsonNode value) {
        if (value.isArray()) {
            return !value.isEmpty() && value.valueStream().allMatch(FilterPatternSyntax::isRule);
        }
        return isPattern(value);
    }

    private static boolean isRule(JsonNode rule) {
        if (rule.isObject()) {
            return rule.size() == 1 && OPERATORS.contains(rule.fieldNames().next());
        }
        return rule.isValueNode();
    }

    /** Streams refuse a plain pattern for the data itself (spec 6.4); SQS takes {@code {"body": ["text"]}}. */
    private static boolean hasPlainRule(JsonNode root, EventSourceKind kind) {
        String dataKey =
                switch (kind) {
                    case SQS_STANDARD, SQS_FIFO -> "";
                    case KINESIS -> "data";
                    case DYNAMODB_STREAMS -> "dynamodb";
                };
        return root.propertyStream()
                .anyMatch(field -> isOr(field)
                        ? field.getValue().valueStream().anyMatch(branch -> hasPlainRule(branch, kind))
                        : field.getKey().equals(dataKey) && field.getValue().isArray());
    }
}
