package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.ConfigNode.Mapping;
import dev.millrace.config.ConfigNode.Scalar;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A CloudFormation or SAM template, read for its event source mappings: resources of type
 * {@code AWS::Lambda::EventSourceMapping}, and events of SAM functions that poll queues and streams. Not thread-safe.
 */
public final class Template {

    private static final ConfigNode SQS_DEFAULT = new Scalar("30", Position.UNKNOWN);

    private final TemplateScope scope;
    private final Intrinsics intrinsics;
    private final ResourceNames names;
    private final Problems problems;
    private final Problems warnings;

    /**
     * Takes a parsed template.
     *
     * @param unresolved gets what cannot be worked out
     * @param problems gets what is wrong with the template itself
     * @param warnings gets events of kinds that nobody here polls
     */
    public Template(
            Mapping root, TemplateContext context, Unresolved unresolved, Problems problems, Problems warnings) {
        this.scope = new TemplateScope(root, context);
        this.intrinsics = new Intrinsics(scope, context, unresolved);
        this.names = new ResourceNames(intrinsics, context);
        this.problems = problems;
        this.warnings = warnings;
    }

    /** Whether a file is a template rather than a configuration. */
    public static boolean isTemplate(Mapping root) {
        return root.entries().containsKey("Resources")
                || root.entries().containsKey("Transform")
                || root.entries().containsKey("AWSTemplateFormatVersion");
    }

    /**
     * One mapping of the template.
     *
     * @param path of its properties, for messages
     * @param properties as {@code AWS::Lambda::EventSourceMapping} names them, functions resolved
     */
    public record TemplateMapping(String path, Mapping properties) {}

    /** Every mapping whose resource's condition holds, in the order of the template. */
    public List<TemplateMapping> mappings() {
        List<TemplateMapping> mappings = new ArrayList<>();
        for (Resource resource : scope.resources()) {
            switch (resource.type()) {
                case "AWS::Lambda::EventSourceMapping" -> {
                    if (isWanted(resource)) {
                        String path = resource.path() + ".Properties";
                        mappings.add(new TemplateMapping(path, intrinsics.resolveSection(resource.properties(), path)));
                    }
                }
                case "AWS::Serverless::Function" -> {
                    if (isWanted(resource)) {
                        addEvents(resource, mappings);
                    }
                }
                default -> {
                    // Not ours to read.
                }
            }
        }
        return mappings;
    }

    /**
     * The visibility timeouts of the template's queues by ARN, as far as they stand there as plain values; SQS's default of
     * 30 s where none is given.
     */
    public Map<String, Duration> visibilityTimeouts() {
        Map<String, Duration> timeouts = new HashMap<>();
        for (Resource resource : scope.resources()) {
            if (resource.type().equals("AWS::SQS::Queue")
                    && resource.property("QueueName")
                            .map(Scalar.class::isInstance)
                            .orElse(true)
                    && names.attribute(resource, "Arn") instanceof ResourceNames.Value arn
                    && resource.property("VisibilityTimeout").orElse(SQS_DEFAULT) instanceof Scalar seconds
                    && seconds.text().matches("[0-9]{1,5}")) {
                timeouts.put(arn.text(), Duration.ofSeconds(Integer.parseInt(seconds.text())));
            }
        }
        return timeouts;
    }

    private boolean isWanted(Resource resource) {
        ConfigNode condition = resource.node().entries().get("Condition");
        return !(condition instanceof Scalar name)
                || intrinsics
                        .conditions()
                        .holds(name.text(), name, resource.path() + ".Condition")
                        .orElse(false);
    }

    private void addEvents(Resource function, List<TemplateMapping> mappings) {
        if (!(function.property("Events").orElse(null) instanceof Mapping events)) {
            return;
        }
        events.entries().forEach((name, node) -> {
            String path = function.path() + ".Properties.Events." + name;
            if (node instanceof Mapping event) {
                event(function, event, path).ifPresent(mappings::add);
            } else {
                problems.add(node.position(), path, "expected a section with Type and Properties");
            }
        });
    }

    private Optional<TemplateMapping> event(Resource function, Mapping event, String path) {
        String type = event.entries().get("Type") instanceof Scalar scalar ? scalar.text() : "";
        String sourceKey = switch (type) {
            case "SQS" -> "Queue";
            case "Kinesis", "DynamoDB" -> "Stream";
            default -> "";
        };
        if (sourceKey.isEmpty()) {
            warnOfPolledKinds(type, event, path);
            return Optional.empty();
        }
        String propertiesPath = path + ".Properties";
        Mapping properties = event.entries().get("Properties") instanceof Mapping found
                ? found
                : new Mapping(Map.of(), event.position());
        if (!properties.entries().containsKey(sourceKey)) {
            problems.add(properties.position(), propertiesPath + "." + sourceKey, "is required");
            return Optional.empty();
        }
        Map<String, ConfigNode> members = new LinkedHashMap<>();
        intrinsics
                .resolveSection(properties, propertiesPath)
                .entries()
                .forEach((key, value) -> members.put(key.equals(sourceKey) ? "EventSourceArn" : key, value));
        members.put("FunctionName", new Scalar(functionName(function), function.position()));
        return Optional.of(new TemplateMapping(propertiesPath, new Mapping(members, properties.position())));
    }

    /** SAM points the mapping at the alias that {@code AutoPublishAlias} names. */
    private String functionName(Resource function) {
        String name = names.functionName(function);
        return function.property("AutoPublishAlias")
                .map(node -> name + ":" + intrinsics.text(node, function.path() + ".Properties.AutoPublishAlias"))
                .orElse(name);
    }

    private void warnOfPolledKinds(String type, Mapping event, String path) {
        switch (type) {
            case "MSK", "SelfManagedKafka", "MQ", "DocumentDB" ->
                warnings.add(
                        event.position(), path, "is left out: Millrace polls SQS, Kinesis and DynamoDB, not " + type);
            case "" -> problems.add(event.position(), path + ".Type", "is required");
            default -> {
                // Events that push, such as Api and Schedule, have no poller at AWS either.
            }
        }
    }
}
