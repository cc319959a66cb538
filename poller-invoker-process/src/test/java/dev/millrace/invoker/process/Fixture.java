package dev.millrace.invoker.process;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.invoke.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Opens functions the way the daemon does: configuration section, service loader, factory. */
final class Fixture {

    private final Map<String, ConfigNode> keys = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String name = "orders";
    private String file = "test.yaml";
    private OptionalInt reservedConcurrency = OptionalInt.empty();

    /** A function of the test resource {@code bootstrap}, working in the directory. */
    static Fixture shell(Path directory) {
        return new Fixture()
                .command("sh", resource("/bootstrap"))
                .set("WorkingDirectory", directory.toString())
                .set("Concurrency", "1")
                .set("StopTimeout", "2");
    }

    /** The folder of the configuration. */
    Fixture in(Path folder) {
        file = folder.resolve("test.yaml").toString();
        return this;
    }

    Fixture name(String functionName) {
        name = functionName;
        return this;
    }

    Fixture set(String key, String value) {
        keys.put(key, new ConfigNode.Scalar(value, new Position("test.yaml", 3)));
        return this;
    }

    Fixture command(String... words) {
        Position position = new Position("test.yaml", 2);
        List<ConfigNode> items = Arrays.stream(words)
                .<ConfigNode>map(word -> new ConfigNode.Scalar(word, position))
                .toList();
        keys.put("Command", new ConfigNode.Sequence(items, position));
        return this;
    }

    Fixture variable(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Fixture reservedConcurrency(int reserved) {
        reservedConcurrency = OptionalInt.of(reserved);
        return this;
    }

    /** The problems found; empty when the configuration is right. */
    List<String> problems() {
        Problems problems = new Problems();
        configure(problems);
        return problems.all().stream().map(Object::toString).toList();
    }

    Invoker open() {
        Problems problems = new Problems();
        InvokerProvider.InvokerFactory factory = configure(problems);
        if (!problems.isEmpty()) {
            throw new AssertionError(problems.all().toString());
        }
        return factory.open();
    }

    private InvokerProvider.InvokerFactory configure(Problems problems) {
        InvokerProvider provider = ServiceLoader.load(InvokerProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(candidate -> candidate.type().equals("Process"))
                .findFirst()
                .orElseThrow();
        AwsSettings aws = new AwsSettings("eu-west-1", "000000000000", Map.of());
        FunctionSettings function =
                new FunctionSettings(name, "$LATEST", Duration.ofSeconds(3), reservedConcurrency, environment, aws);
        ConfigNode.Mapping node = new ConfigNode.Mapping(keys, new Position(file, 1));
        return provider.configure(function, new Section("Functions.orders.Process", node, problems));
    }

    static InvocationRequest request(String event) {
        return request(event, Duration.ofSeconds(20));
    }

    static InvocationRequest request(String event, Duration timeout) {
        return new InvocationRequest(
                UUID.randomUUID().toString(),
                "arn:aws:lambda:eu-west-1:000000000000:function:orders",
                "$LATEST",
                Payload.ofText(event),
                "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
                timeout);
    }

    /** An event for the test resource {@code bootstrap}. */
    static InvocationRequest todo(String what) {
        return request("{\"do\":\"" + what + "\"}");
    }

    static InvocationRequest todo(String what, Duration timeout) {
        return request("{\"do\":\"" + what + "\"}", timeout);
    }

    /** The answer's text, of a success. */
    static String answer(InvocationOutcome outcome) {
        if (outcome instanceof InvocationOutcome.Succeeded(Payload answer)) {
            return answer.text();
        }
        throw new AssertionError("expected a success, got " + outcome);
    }

    static ExecutorService threads() {
        return Executors.newVirtualThreadPerTaskExecutor();
    }

    static Future<InvocationOutcome> invokeIn(ExecutorService threads, Invoker invoker, InvocationRequest request) {
        return threads.submit(() -> invoker.invoke(request));
    }

    /** Living processes with the given function's working directory, wherever in the process tree they are. */
    static List<Long> processesIn(Path directory) {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.map(process -> process.getFileName().toString())
                    .filter(pid -> pid.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf)
                    .filter(pid -> directory.equals(workingDirectory(pid)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path workingDirectory(long pid) {
        try {
            return Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
        } catch (IOException e) {
            return Path.of("");
        }
    }

    static String resource(String resource) {
        URL url = Objects.requireNonNull(Fixture.class.getResource(resource), resource);
        try {
            return Path.of(url.toURI()).toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Where a class comes from, for the class path of another JVM. */
    static String origin(String className) {
        try {
            return Path.of(Class.forName(className)
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
