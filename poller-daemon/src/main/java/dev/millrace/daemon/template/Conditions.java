package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The conditions of a template, worked out from its parameters. Not thread-safe. */
final class Conditions {

    private static final int MAXIMUM_DEPTH = 50;

    private final TemplateScope scope;
    private final Intrinsics intrinsics;
    private final Unresolved unresolved;
    /** Conditions being worked out: one that needs itself is a circle. */
    private final Set<String> underway = new HashSet<>();

    private int depth;

    Conditions(TemplateScope scope, Intrinsics intrinsics, Unresolved unresolved) {
        this.scope = scope;
        this.intrinsics = intrinsics;
        this.unresolved = unresolved;
    }

    /** Whether the condition holds; empty when it cannot be known, which is then a problem. */
    Optional<Boolean> holds(String condition, ConfigNode where, String path) {
        Optional<ConfigNode> definition = scope.condition(condition);
        if (definition.isEmpty()) {
            return unknown(where, path, "the condition '" + condition + "' is not below Conditions");
        }
        String definitionPath = "Conditions." + condition;
        if (!underway.add(condition)) {
            return unknown(definition.get(), definitionPath, "refers to itself");
        }
        try {
            return test(definition.get(), definitionPath);
        } finally {
            underway.remove(condition);
        }
    }

    private Optional<Boolean> test(ConfigNode node, String path) {
        if (depth >= MAXIMUM_DEPTH
                || !(node instanceof ConfigNode.Mapping mapping)
                || mapping.entries().size() != 1) {
            return unknown(node, path, "is no condition that can be worked out");
        }
        Map.Entry<String, ConfigNode> call =
                mapping.entries().entrySet().iterator().next();
        depth++;
        try {
            return test(call.getKey(), call.getValue(), path);
        } finally {
            depth--;
        }
    }

    private Optional<Boolean> test(String name, ConfigNode argument, String path) {
        List<ConfigNode> parts =
                argument instanceof ConfigNode.Sequence sequence ? sequence.items() : List.of(argument);
        return switch (name) {
            case "Condition" -> holds(intrinsics.text(argument, path), argument, path);
            case "Fn::Equals" ->
                Optional.of(parts.size() == 2 && text(parts, 0, path).equals(text(parts, 1, path)));
            case "Fn::Not" ->
                parts.isEmpty() ? unknown(argument, path, "needs a condition") : not(parts.getFirst(), path);
            case "Fn::And" -> all(parts, true, path);
            case "Fn::Or" -> all(parts, false, path).map(noneHolds -> !noneHolds);
            default -> unknown(argument, path, name + " is no condition that can be worked out");
        };
    }

    private String text(List<ConfigNode> parts, int index, String path) {
        return intrinsics.text(parts.get(index), path);
    }

    private Optional<Boolean> not(ConfigNode part, String path) {
        return test(part, path).map(holds -> !holds);
    }

    /** Whether every part is as wanted. */
    private Optional<Boolean> all(List<ConfigNode> parts, boolean wanted, String path) {
        boolean all = true;
        for (ConfigNode part : parts) {
            Optional<Boolean> holds = test(part, path);
            if (holds.isEmpty()) {
                return holds;
            }
            all &= holds.get() == wanted;
        }
        return Optional.of(all);
    }

    private Optional<Boolean> unknown(ConfigNode where, String path, String message) {
        unresolved.add(where.position(), path, message);
        return Optional.empty();
    }
}
