package dev.millrace.invoker;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.InvokerProvider;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Sections and settings as the configuration's loader hands them to a provider. */
public final class TestConfig {

    private TestConfig() {}

    public static FunctionSettings function(Duration timeout) {
        return function(timeout, Map.of());
    }

    public static FunctionSettings function(Duration timeout, Map<String, URI> endpoints) {
        return new FunctionSettings(
                "orders-fn",
                "$LATEST",
                timeout,
                OptionalInt.empty(),
                Map.of(),
                new AwsSettings("us-east-1", "000000000000", endpoints));
    }

    /** A section from keys and values by turns; values are texts or maps. */
    public static Section section(Problems problems, Object... keysAndValues) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Section("Functions.orders-fn", mapping(entries), problems);
    }

    private static ConfigNode.Mapping mapping(Map<?, ?> entries) {
        Map<String, ConfigNode> nodes = new LinkedHashMap<>();
        int line = 1;
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            Position position = new Position("test.yaml", line++);
            nodes.put(
                    (String) entry.getKey(),
                    entry.getValue() instanceof Map<?, ?> map
                            ? mapping(map)
                            : new ConfigNode.Scalar(String.valueOf(entry.getValue()), position));
        }
        return new ConfigNode.Mapping(nodes, new Position("test.yaml", 1));
    }

    /** Opens an invoker from a section without problems. */
    public static Invoker open(InvokerProvider provider, FunctionSettings function, Object... keysAndValues) {
        Problems problems = new Problems();
        InvokerProvider.InvokerFactory factory = provider.configure(function, section(problems, keysAndValues));
        if (!problems.isEmpty()) {
            throw new AssertionError(problems.all().toString());
        }
        return factory.open();
    }

    /** What a provider finds wrong with a section: "line: key: message" each. */
    public static List<String> problems(InvokerProvider provider, FunctionSettings function, Object... keysAndValues) {
        Problems problems = new Problems();
        provider.configure(function, section(problems, keysAndValues));
        List<String> texts = new ArrayList<>();
        for (Problems.Problem problem : problems.all()) {
            texts.add(problem.position().line() + ": " + problem.path().replace("Functions.orders-fn.", "") + ": "
                    + problem.message());
        }
        return texts;
    }
}
