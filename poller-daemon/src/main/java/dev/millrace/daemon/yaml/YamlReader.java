package dev.millrace.daemon.yaml;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2, of which JSON is a part, into a tree with line numbers. Scalars stay text, so {@code 000000000000}
 * needs no quotes. Duplicate keys are problems; merge keys ({@code <<}) and anchors work. CloudFormation's short forms
 * become their long forms: {@code !GetAtt A.Arn} is read as {@code {"Fn::GetAtt": "A.Arn"}}. Not thread-safe.
 */
public final class YamlReader {

    /** Bounds that no honest configuration reaches; they stop documents whose anchors multiply. */
    private static final int MAXIMUM_NODES = 200_000;

    private static final int MAXIMUM_DEPTH = 100;
    private static final int MAXIMUM_ALIASES = 10_000;

    private static final String MERGE_KEY = "<<";
    /** The parser's words for a second document. */
    private static final String OTHER_DOCUMENT = "found another document";

    private final String file;
    private final Problems problems;
    private int nodes;

    private YamlReader(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /**
     * Reads one document.
     *
     * @param file name for messages, as the user gave it
     * @return the top-level section, or empty when the text is no YAML or no section; the problems then say why
     */
    public static Optional<ConfigNode.Mapping> read(String file, String text, Problems problems) {
        YamlReader reader = new YamlReader(file, problems);
        try {
            return reader.document(text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            String problem = firstLine(e.getProblem());
            problems.add(
                    new Position(file, line),
                    "",
                    problem.contains(OTHER_DOCUMENT)
                            ? "holds more than one document; remove the line --- or make it two files"
                            : "is not valid YAML: " + problem);
        } catch (YamlEngineException | TooBigException e) {
            problems.add(new Position(file, 0), "", "is not valid YAML: " + firstLine(e.getMessage()));
        }
        return Optional.empty();
    }

    private static String firstLine(@Nullable String message) {
        return message == null
                ? "it cannot be parsed"
                : message.lines().findFirst().orElse("it cannot be parsed");
    }

    private Optional<ConfigNode.Mapping> document(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setSchema(new CoreSchema())
                .setMaxAliasesForCollections(MAXIMUM_ALIASES)
                .setAllowNonScalarKeys(true) // They are reported below, with their line.
                .build();
        // JSON may be indented with tabs, which YAML forbids; no string of JSON holds a bare tab.
        boolean json = text.stripLeading().startsWith("{");
        Optional<Node> root = new Compose(settings).composeString(json ? text.replace('\t', ' ') : text);
        if (root.isEmpty()) {
            problems.add(
                    new Position(file, 1),
                    "",
                    "is empty; a configuration names Functions and EventSourceMappings, a template Resources");
            return Optional.empty();
        }
        ConfigNode node = node(root.get(), line(root.get()), "", 0);
        if (node instanceof ConfigNode.Mapping mapping) {
            return Optional.of(mapping);
        }
        problems.add(node.position(), "", "expected keys and values, such as 'Region: us-east-1'");
        return Optional.empty();
    }

    private ConfigNode node(Node node, int line, String path, int depth) {
        if (depth > MAXIMUM_DEPTH) {
            throw new TooBigException("it is nested more than " + MAXIMUM_DEPTH + " levels deep");
        }
        if (++nodes > MAXIMUM_NODES) {
            throw new TooBigException("it has more than " + MAXIMUM_NODES + " values");
        }
        Position position = new Position(file, line);
        ConfigNode plain = switch (node) {
            case MappingNode mapping -> new ConfigNode.Mapping(entries(mapping, path, depth), position);
            case SequenceNode sequence -> new ConfigNode.Sequence(items(sequence, path, depth), position);
            case ScalarNode scalar ->
                new ConfigNode.Scalar(scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue(), position);
            default -> throw new IllegalStateException("an alias is resolved by the composer: " + node);
        };
        // The parser marks a plain ${NAME} by a tag of its own; replacing variables is not its business here.
        return node.getTag().equals(Tag.ENV_TAG)
                ? plain
                : longForm(node.getTag().getValue(), plain);
    }

    private static ConfigNode longForm(String tag, ConfigNode node) {
        if (!tag.startsWith("!") || tag.length() == 1) {
            return node;
        }
        String name = tag.substring(1);
        String function = name.equals("Ref") || name.equals("Condition") ? name : "Fn::" + name;
        return new ConfigNode.Mapping(Map.of(function, node), node.position());
    }

    private List<ConfigNode> items(SequenceNode sequence, String path, int depth) {
        List<ConfigNode> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            items.add(node(item, line(item), path + "[" + items.size() + "]", depth + 1));
        }
        return items;
    }

    private Map<String, ConfigNode> entries(MappingNode mapping, String path, int depth) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        List<Node> merged = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                problems.add(
                        new Position(file, line(tuple.getKeyNode())),
                        path,
                        "a key must be a single word, not a list or section");
                continue;
            }
            String key = keyNode.getValue();
            Node value = tuple.getValueNode();
            if (key.equals(MERGE_KEY)) {
                merged.addAll(value instanceof SequenceNode sequence ? sequence.getValue() : List.of(value));
                continue;
            }
            String valuePath = path.isEmpty() ? key : path + "." + key;
            // A section is known by the line of its key, not of its first entry.
            int line = value instanceof ScalarNode ? line(value) : line(keyNode);
            ConfigNode read = node(value, line, valuePath, depth + 1);
            ConfigNode first = entries.putIfAbsent(key, read);
            if (first != null) {
                problems.add(
                        new Position(file, line(keyNode)),
                        valuePath,
                        "is given twice, first in line " + first.position().line());
            }
        }
        for (Node source : merged) {
            if (node(source, line(source), path, depth + 1) instanceof ConfigNode.Mapping more) {
                more.entries().forEach(entries::putIfAbsent);
            }
        }
        return entries;
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    /** The document exceeds a bound; caught where reading began. */
    private static final class TooBigException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooBigException(String message) {
            super(message);
        }
    }
}
