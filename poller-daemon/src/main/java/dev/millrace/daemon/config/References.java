package dev.millrace.daemon.config;

import dev.millrace.config.ConfigNode;
import dev.millrace.daemon.template.Unresolved;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code ${NAME}}, {@code ${NAME:-default}} and whole values {@code file:PATH} in a configuration tree. A doubled
 * dollar sign before the brace stands for a single one and replaces nothing. Not thread-safe.
 */
final class References {

    private static final Pattern VARIABLE =
            Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\\}");

    private static final String FILE = "file:";
    /** Where a value {@code file:PATH} names a file to write to: its content is not meant. */
    private static final Pattern DESTINATION = Pattern.compile("OnFailure[.]Destination$", Pattern.CASE_INSENSITIVE);

    /** Secrets are short; this keeps a wrong path from filling the memory. */
    private static final long MAXIMUM_FILE_BYTES = 1 << 20;

    private final Function<String, @Nullable String> variables;
    private final Secrets secrets;
    private final Unresolved unresolved;

    References(Function<String, @Nullable String> variables, Secrets secrets, Unresolved unresolved) {
        this.variables = variables;
        this.secrets = secrets;
        this.unresolved = unresolved;
    }

    ConfigNode.Mapping resolve(ConfigNode.Mapping root) {
        return new ConfigNode.Mapping(entries(root, ""), root.position());
    }

    private ConfigNode resolve(ConfigNode node, String path) {
        return switch (node) {
            case ConfigNode.Scalar scalar -> scalar(scalar, path);
            case ConfigNode.Sequence sequence -> new ConfigNode.Sequence(items(sequence, path), sequence.position());
            // Its ${} are CloudFormation's.
            case ConfigNode.Mapping mapping when mapping.entries().containsKey("Fn::Sub") -> mapping;
            case ConfigNode.Mapping mapping -> new ConfigNode.Mapping(entries(mapping, path), mapping.position());
        };
    }

    private List<ConfigNode> items(ConfigNode.Sequence sequence, String path) {
        List<ConfigNode> items = new ArrayList<>();
        for (ConfigNode item : sequence.items()) {
            items.add(resolve(item, path + "[" + items.size() + "]"));
        }
        return items;
    }

    private Map<String, ConfigNode> entries(ConfigNode.Mapping mapping, String path) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        mapping.entries()
                .forEach((key, value) -> entries.put(key, resolve(value, path.isEmpty() ? key : path + "." + key)));
        return entries;
    }

    private ConfigNode.Scalar scalar(ConfigNode.Scalar scalar, String path) {
        String text = expand(scalar, path);
        if (!text.startsWith(FILE) || DESTINATION.matcher(path).find()) {
            return new ConfigNode.Scalar(text, scalar.position());
        }
        String content = content(text.substring(FILE.length()), scalar, path);
        secrets.add(content);
        return new ConfigNode.Scalar(content, scalar.position());
    }

    private String expand(ConfigNode.Scalar scalar, String path) {
        Matcher matcher = VARIABLE.matcher(scalar.text());
        StringBuilder text = new StringBuilder();
        boolean secret = false;
        while (matcher.find()) {
            String name = matcher.group(1);
            if (name != null) {
                secret |= Secrets.isTelling(name);
                matcher.appendReplacement(
                        text, Matcher.quoteReplacement(variable(name, matcher.group(2), scalar, path)));
            } else {
                matcher.appendReplacement(text, Matcher.quoteReplacement("${"));
            }
        }
        matcher.appendTail(text);
        if (secret) {
            secrets.add(text.toString());
        }
        return text.toString();
    }

    /** As in a shell, an empty variable takes the default too. */
    private String variable(String name, @Nullable String defaultValue, ConfigNode.Scalar scalar, String path) {
        String value = variables.apply(name);
        if (defaultValue != null) {
            return value == null || value.isEmpty() ? defaultValue : value;
        }
        if (value == null) {
            String remedy = "set it, or write ${" + name + ":-default}";
            return unresolved
                    .add(scalar.position(), path, "the environment variable " + name + " is not set; " + remedy)
                    .text();
        }
        return value;
    }

    private String content(String name, ConfigNode.Scalar scalar, String path) {
        try {
            Path file = scalar.position().directory().resolve(name.strip());
            if (!Files.isRegularFile(file) && Files.exists(file)) {
                return unreadable(name, "it is not a regular file", scalar, path);
            }
            if (Files.size(file) > MAXIMUM_FILE_BYTES) {
                return unreadable(name, "it is larger than 1 MiB", scalar, path);
            }
            return Files.readString(file).stripTrailing();
        } catch (NoSuchFileException e) {
            return unreadable(name, "it does not exist", scalar, path);
        } catch (MalformedInputException e) {
            return unreadable(name, "it is not UTF-8 text", scalar, path);
        } catch (IOException | InvalidPathException e) {
            return unreadable(name, String.valueOf(e.getMessage()), scalar, path);
        }
    }

    private String unreadable(String name, String reason, ConfigNode.Scalar scalar, String path) {
        return unresolved
                .add(scalar.position(), path, "the file '" + name + "' cannot be read: " + reason)
                .text();
    }
}
