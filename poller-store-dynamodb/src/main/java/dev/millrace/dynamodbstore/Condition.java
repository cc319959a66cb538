package dev.millrace.dynamodbstore;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What must hold of the stored item for a write to happen.
 *
 * @param expression in DynamoDB's language
 * @param values of its placeholders
 */
record Condition(String expression, Map<String, AttributeValue> values) {

    /** There is no item, or one without this attribute. */
    static Condition isAbsent(String attribute) {
        return new Condition("attribute_not_exists(" + attribute + ")", Map.of());
    }

    /** The item has these attributes, whatever others. */
    static Condition has(Map<String, AttributeValue> attributes) {
        Map<String, AttributeValue> values = new HashMap<>();
        attributes.forEach((name, value) -> values.put(":" + name, value));
        String expression =
                attributes.keySet().stream().map(name -> name + " = :" + name).collect(Collectors.joining(" and "));
        return new Condition(expression, values);
    }

    /** The values, null for none: DynamoDB takes no empty map. */
    @Nullable
    Map<String, AttributeValue> valuesOrNull() {
        return values.isEmpty() ? null : values;
    }
}
