package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.ConfigNode.Mapping;
import dev.millrace.config.ConfigNode.Scalar;
import dev.millrace.config.NearestMatch;
import dev.millrace.config.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The names that a template's functions may refer to: parameters, resources, mappings and conditions. Immutable. */
final class TemplateScope {

    private final Map<String, Resource> resources = new LinkedHashMap<>();
    private final Mapping parameters;
    private final Mapping mappings;
    private final Mapping conditions;
    private final TemplateContext context;

    TemplateScope(Mapping root, TemplateContext context) {
        this.context = context;
        this.parameters = part(root, "Parameters");
        this.mappings = part(root, "Mappings");
        this.conditions = part(root, "Conditions");
        part(root, "Resources").entries().forEach((id, node) -> resources.put(id, Resource.of(id, node)));
    }

    private static Mapping part(Mapping root, String key) {
        return root.entries().get(key) instanceof Mapping mapping ? mapping : new Mapping(Map.of(), Position.UNKNOWN);
    }

    List<Resource> resources() {
        return List.copyOf(resources.values());
    }

    Optional<Resource> resource(String id) {
        return Optional.ofNullable(resources.get(id));
    }

    Optional<ConfigNode> condition(String name) {
        return Optional.ofNullable(conditions.entries().get(name));
    }

    /** The value of a parameter or pseudo parameter, if it has one. */
    Optional<ConfigNode> parameter(String name) {
        String given = context.parameters().get(name);
        if (given != null) {
            return Optional.of(value(name, given));
        }
        String pseudo = switch (name) {
            case "AWS::Region" -> context.region();
            case "AWS::AccountId" -> context.accountId();
            case "AWS::Partition" -> context.partition();
            case "AWS::URLSuffix" -> context.urlSuffix();
            default -> "";
        };
        if (!pseudo.isEmpty()) {
            return Optional.of(new Scalar(pseudo, Position.UNKNOWN));
        }
        return parameters.entries().get(name) instanceof Mapping parameter
                        && parameter.entries().get("Default") instanceof Scalar scalar
                ? Optional.of(value(name, scalar.text()))
                : Optional.empty();
    }

    /** A parameter of a list type holds its values separated by commas. */
    private ConfigNode value(String name, String text) {
        boolean list = parameters.entries().get(name) instanceof Mapping parameter
                && parameter.entries().get("Type") instanceof Scalar type
                && (type.text().startsWith("List<") || type.text().equals("CommaDelimitedList"));
        if (!list) {
            return new Scalar(text, Position.UNKNOWN);
        }
        List<ConfigNode> items = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            items.add(new Scalar(item.strip(), Position.UNKNOWN));
        }
        return new ConfigNode.Sequence(items, Position.UNKNOWN);
    }

    Optional<ConfigNode> inMap(List<String> keys) {
        ConfigNode node = mappings;
        for (String key : keys) {
            ConfigNode next =
                    node instanceof Mapping mapping ? mapping.entries().get(key) : null;
            if (next == null) {
                return Optional.empty();
            }
            node = next;
        }
        return Optional.of(node);
    }

    /** Why a name means nothing, and what to do about it. */
    String unknown(String name) {
        if (parameters.entries().containsKey(name)) {
            return "the parameter has no Default; give it one, or write in the configuration: Templates: [{File: ...,"
                    + " Parameters: {" + name + ": value}}]";
        }
        if (name.startsWith("AWS::")) {
            return "has no value outside AWS; give it one in the configuration: Templates: [{File: ..., Parameters: {\""
                    + name + "\": value}}]";
        }
        List<String> known = new ArrayList<>(resources.keySet());
        known.addAll(parameters.entries().keySet());
        if (known.isEmpty()) {
            return "a configuration has no resources to refer to; write the value itself, or list the template below"
                    + " Templates";
        }
        return "no such resource or parameter in this template"
                + NearestMatch.of(name, known)
                        .map(match -> "; did you mean '" + match + "'?")
                        .orElse("; write the value itself");
    }
}
