package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.ConfigNode.Mapping;
import dev.millrace.config.ConfigNode.Scalar;
import dev.millrace.config.ConfigNode.Sequence;
import dev.millrace.config.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Replaces CloudFormation's intrinsic functions in a tree by their values, as far as they can be known without creating
 * anything. The rest is a problem that names the remedy. Not thread-safe.
 */
public final class Intrinsics {

    /** Deeper chains of references refer to themselves. */
    private static final int MAXIMUM_DEPTH = 50;

    /** Values visited per template; more means references that multiply. */
    private static final int MAXIMUM_STEPS = 1_000_000;

    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{(!?)([^}]*)}");
    private static final String REMEDY =
            "write the value itself, or put the mapping below EventSourceMappings of the configuration";
    /** Stands for {@code AWS::NoValue}; removed with its key. */
    private static final Scalar NO_VALUE = new Scalar("AWS::NoValue", Position.UNKNOWN);

    private final TemplateScope scope;
    private final ResourceNames names;
    private final Conditions conditions;
    private final Unresolved unresolved;
    private int depth;
    private int steps;

    Intrinsics(TemplateScope scope, TemplateContext context, Unresolved unresolved) {
        this.scope = scope;
        this.names = new ResourceNames(this, context);
        this.conditions = new Conditions(scope, this, unresolved);
        this.unresolved = unresolved;
    }

    Conditions conditions() {
        return conditions;
    }

    /** For text outside a template: pseudo parameters are known, resources are not. */
    public static Intrinsics withoutTemplate(TemplateContext context, Unresolved unresolved) {
        Mapping empty = new Mapping(Map.of(), Position.UNKNOWN);
        return new Intrinsics(new TemplateScope(empty, context), context, unresolved);
    }

    /** The section with every function replaced by its value. */
    public Mapping resolveSection(Mapping section, String path) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        section.entries().forEach((key, value) -> {
            ConfigNode resolved = resolve(value, path + "." + key);
            if (!resolved.equals(NO_VALUE)) {
                entries.put(key, resolved);
            }
        });
        return new Mapping(entries, section.position());
    }

    ConfigNode resolve(ConfigNode node, String path) {
        if (depth >= MAXIMUM_DEPTH || steps >= MAXIMUM_STEPS) {
            return unresolved.add(node.position(), path, "refers to itself, or to too many values");
        }
        depth++;
        steps++;
        try {
            return switch (node) {
                case Scalar scalar -> scalar;
                case Sequence sequence -> new Sequence(resolveAll(sequence.items(), path), sequence.position());
                case Mapping mapping -> isFunction(mapping) ? value(mapping, path) : resolveSection(mapping, path);
            };
        } finally {
            depth--;
        }
    }

    private List<ConfigNode> resolveAll(List<ConfigNode> items, String path) {
        List<ConfigNode> resolved = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            ConfigNode item = resolve(items.get(i), path + "[" + i + "]");
            if (!item.equals(NO_VALUE)) {
                resolved.add(item);
            }
        }
        return resolved;
    }

    private static boolean isFunction(Mapping mapping) {
        if (mapping.entries().size() != 1) {
            return false;
        }
        String key = mapping.entries().keySet().iterator().next();
        return key.equals("Ref") || key.startsWith("Fn::");
    }

    private ConfigNode value(Mapping mapping, String path) {
        int before = unresolved.count();
        ConfigNode value = evaluate(mapping, path);
        if (unresolved.count() > before) {
            unresolved.taint(value.position());
        }
        return value;
    }

    private ConfigNode evaluate(Mapping mapping, String path) {
        Map.Entry<String, ConfigNode> call =
                mapping.entries().entrySet().iterator().next();
        Call arguments = new Call(call.getKey(), call.getValue(), path);
        return switch (call.getKey()) {
            case "Ref" -> ref(text(call.getValue(), path), arguments);
            case "Fn::GetAtt" -> getAtt(arguments);
            case "Fn::Sub" -> sub(arguments);
            case "Fn::Join" -> join(arguments);
            case "Fn::Select" -> select(arguments);
            case "Fn::Split" -> split(arguments);
            case "Fn::FindInMap" -> findInMap(arguments);
            case "Fn::If" -> choose(arguments);
            default -> arguments.fail("cannot be worked out here; " + REMEDY);
        };
    }

    private ConfigNode ref(String name, Call call) {
        if (name.equals("AWS::NoValue")) {
            return NO_VALUE;
        }
        Optional<ConfigNode> parameter = scope.parameter(name);
        if (parameter.isPresent()) {
            return at(parameter.get(), call);
        }
        Optional<Resource> resource = scope.resource(name);
        if (resource.isPresent()) {
            return names.ref(resource.get()).node(call);
        }
        return call.fail(scope.unknown(name));
    }

    private ConfigNode getAtt(Call call) {
        List<ConfigNode> parts = call.items();
        String text = parts.stream().map(part -> text(part, call.path())).collect(Collectors.joining("."));
        return attribute(text, call);
    }

    private ConfigNode attribute(String text, Call call) {
        int dot = text.indexOf('.');
        if (dot < 1) {
            return call.fail("needs a resource and an attribute, such as OrdersQueue.Arn");
        }
        Optional<Resource> resource = scope.resource(text.substring(0, dot));
        return resource.isPresent()
                ? names.attribute(resource.get(), text.substring(dot + 1)).node(call)
                : call.fail(scope.unknown(text.substring(0, dot)));
    }

    private ConfigNode sub(Call call) {
        List<ConfigNode> parts = call.items();
        Map<String, ConfigNode> own = new HashMap<>();
        if (parts.size() == 2 && parts.get(1) instanceof Mapping variables) {
            own.putAll(resolveSection(variables, call.path()).entries());
        }
        Matcher matcher = SUBSTITUTION.matcher(parts.isEmpty() ? "" : text(parts.getFirst(), call.path()));
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(2).strip();
            String value = matcher.group(1).isEmpty() ? substitute(name, own, call) : "${" + matcher.group(2) + "}";
            matcher.appendReplacement(text, Matcher.quoteReplacement(value));
        }
        matcher.appendTail(text);
        return call.scalar(text.toString());
    }

    private String substitute(String name, Map<String, ConfigNode> own, Call call) {
        ConfigNode value = own.get(name);
        if (value == null) {
            value = name.contains(".") ? attribute(name, call) : ref(name, call);
        }
        return value instanceof Scalar scalar ? scalar.text() : "";
    }

    private ConfigNode join(Call call) {
        List<ConfigNode> parts = call.items();
        if (parts.size() != 2 || !(resolve(parts.get(1), call.path()) instanceof Sequence list)) {
            return call.fail("needs a delimiter and a list");
        }
        return call.scalar(list.items().stream()
                .map(item -> text(item, call.path()))
                .collect(Collectors.joining(text(parts.getFirst(), call.path()))));
    }

    private ConfigNode select(Call call) {
        List<ConfigNode> parts = call.items();
        if (parts.size() == 2 && resolve(parts.get(1), call.path()) instanceof Sequence list) {
            String index = text(parts.getFirst(), call.path());
            for (int i = 0; i < list.items().size(); i++) {
                if (Integer.toString(i).equals(index)) {
                    return at(list.items().get(i), call);
                }
            }
        }
        return call.fail("needs an index and a list that has it");
    }

    private ConfigNode split(Call call) {
        List<ConfigNode> parts = call.items();
        if (parts.size() != 2) {
            return call.fail("needs a delimiter and a text");
        }
        String delimiter = Pattern.quote(text(parts.getFirst(), call.path()));
        List<ConfigNode> pieces = new ArrayList<>();
        for (String piece : text(parts.get(1), call.path()).split(delimiter, -1)) {
            pieces.add(call.scalar(piece));
        }
        return new Sequence(pieces, call.node().position());
    }

    private ConfigNode findInMap(Call call) {
        List<String> keys =
                call.items().stream().map(item -> text(item, call.path())).toList();
        return scope.inMap(keys)
                .map(value -> at(value, call))
                .orElseGet(() -> call.fail("finds nothing at " + String.join(".", keys) + " below Mappings"));
    }

    private ConfigNode choose(Call call) {
        List<ConfigNode> parts = call.items();
        if (parts.size() != 3 || !(parts.getFirst() instanceof Scalar condition)) {
            return call.fail("needs a condition and two values");
        }
        return conditions
                .holds(condition.text(), call.node(), call.path())
                .map(holds -> resolve(parts.get(holds ? 1 : 2), call.path()))
                .orElseGet(() -> call.scalar(""));
    }

    /** The node's value as text; lists and sections are problems. */
    String text(ConfigNode node, String path) {
        return switch (resolve(node, path)) {
            case Scalar scalar -> scalar.equals(NO_VALUE) ? "" : scalar.text();
            case Sequence list ->
                unresolved
                        .add(list.position(), path, "expected a single value, found a list")
                        .text();
            case Mapping map ->
                unresolved
                        .add(map.position(), path, "expected a single value, found a section")
                        .text();
        };
    }

    String refersToItself(Resource resource, String path) {
        return unresolved.add(resource.position(), path, "refers to itself").text();
    }

    /** A value found elsewhere belongs to the place that asked for it. */
    private static ConfigNode at(ConfigNode node, Call call) {
        return node instanceof Scalar scalar && !scalar.equals(NO_VALUE) ? call.scalar(scalar.text()) : node;
    }

    /** One use of a function. */
    final class Call {
        private final String function;
        private final ConfigNode node;
        private final String path;

        private Call(String function, ConfigNode node, String path) {
            this.function = function;
            this.node = node;
            this.path = path;
        }

        ConfigNode node() {
            return node;
        }

        String path() {
            return path;
        }

        List<ConfigNode> items() {
            return node instanceof Sequence sequence ? sequence.items() : List.of(node);
        }

        Scalar scalar(String text) {
            return new Scalar(text, node.position());
        }

        Scalar fail(String message) {
            String what = node instanceof Scalar scalar ? function + " " + scalar.text() : function;
            return unresolved.add(node.position(), path, what + ": " + message);
        }
    }
}
