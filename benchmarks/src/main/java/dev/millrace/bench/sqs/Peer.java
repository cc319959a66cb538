package dev.millrace.bench.sqs;

import dev.millrace.bench.Daemon;
import dev.millrace.bench.Java;
import dev.millrace.bench.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A consumer that can be measured. Its command must become the consumer itself: the process that starts is measured. */
sealed interface Peer {

    /** How tables and options call it. */
    String name();

    /** Why it cannot run here, if so. */
    Optional<String> unavailable();

    List<String> command(Target target, Settings settings) throws IOException;

    /** @param name {@code raw:CLIENT}, {@code spring:CLIENT}, {@code sqs-consumer} or {@code millrace} */
    static Peer named(String name, Daemon daemon) {
        return switch (name) {
            case "millrace" -> new Millrace(daemon);
            case "sqs-consumer" -> new SqsConsumer();
            case String java when java.startsWith("raw:") -> new JavaPeer(name, "RawLoop");
            case String java when java.startsWith("spring:") -> new JavaPeer(name, "SpringLoop");
            default ->
                throw new IllegalArgumentException("unknown peer " + name
                        + "; known are raw:apache5, raw:crt, raw:url, spring:netty, spring:crt, sqs-consumer,"
                        + " millrace");
        };
    }

    private static List<String> arguments(Target target, String client) {
        return List.of(
                target.sqs().resolve("/").toString().replaceAll("/$", ""),
                target.queueUrl(),
                target.function().toString(),
                Integer.toString(target.concurrency()),
                client);
    }

    /**
     * A peer of this module's own class path.
     *
     * @param name the kind and, behind a colon, the AWS SDK's HTTP client
     * @param mainClass in the package {@code peer}
     */
    record JavaPeer(String name, String mainClass) implements Peer {
        @Override
        public Optional<String> unavailable() {
            return Optional.empty();
        }

        @Override
        public List<String> command(Target target, Settings settings) {
            return Java.command(
                    settings.jvmOptions(),
                    Java.classPath(),
                    "peer." + mainClass,
                    arguments(target, name.substring(name.indexOf(':') + 1)));
        }
    }

    /** npm's sqs-consumer. */
    record SqsConsumer() implements Peer {
        private static final Path DIRECTORY = Path.of("node");

        @Override
        public String name() {
            return "sqs-consumer";
        }

        @Override
        public Optional<String> unavailable() {
            return Files.isDirectory(DIRECTORY.resolve("node_modules").resolve("sqs-consumer"))
                    ? Optional.empty()
                    : Optional.of("run `npm ci` in benchmarks/node first (needs Node.js 20.18 or newer)");
        }

        @Override
        public List<String> command(Target target, Settings settings) {
            Stream<String> start =
                    Stream.of("node", DIRECTORY.resolve("sqs-consumer-loop.js").toString());
            return Stream.concat(start, arguments(target, "any").stream()).toList();
        }
    }

    /** This project's daemon. */
    record Millrace(Daemon daemon) implements Peer {
        @Override
        public String name() {
            return "millrace";
        }

        @Override
        public Optional<String> unavailable() {
            return daemon.unavailable();
        }

        @Override
        public List<String> command(Target target, Settings settings) throws IOException {
            return daemon.command(writeConfig(target, settings.directory()), settings.jvmOptions(), true);
        }

        /** Writes a configuration with one mapping per queue. */
        static Path writeConfig(Target target, Path directory) throws IOException {
            StringBuilder mappings = new StringBuilder("EventSourceMappings:\n");
            for (String queue : target.queues()) {
                mappings.append("""
                      - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:%s
                        FunctionName: bench-fn
                        BatchSize: 10
                        ScalingConfig: {MaximumConcurrency: %d}
                    """.formatted(queue, target.concurrency()));
            }
            return Daemon.writeConfig(directory, "Sqs", target.sqs(), target.function(), mappings.toString());
        }
    }
}
