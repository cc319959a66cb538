package dev.millrace.bench.kinesis;

import dev.millrace.bench.CannedServer;
import dev.millrace.bench.Daemon;
import dev.millrace.bench.Java;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A consumer of streams that can be measured. */
sealed interface StreamPeer {

    /** How tables and options call it. */
    String name();

    /** Why it cannot run here, if so. */
    Optional<String> unavailable();

    /** Servers that it needs beside stream and function; see {@link Stage#open}. */
    default List<List<String>> assistants() {
        return List.of();
    }

    List<String> command(Stage stage, Load load, Settings settings) throws IOException;

    /** @param name {@code raw:CLIENT}, {@code kcl:CLIENT} or {@code millrace} */
    static StreamPeer named(String name, Daemon daemon) {
        String client = name.substring(name.indexOf(':') + 1);
        return switch (name) {
            case "millrace" -> new Millrace(daemon);
            case String raw when raw.startsWith("raw:") -> new Raw(client);
            case String kcl when kcl.startsWith("kcl:") -> new Kcl(client);
            default ->
                throw new IllegalArgumentException("unknown peer " + name
                        + "; known are raw:apache5, raw:crt, raw:url, kcl:netty, kcl:crt, millrace");
        };
    }

    private static List<String> arguments(Stage stage, Load load, String client) {
        URI leases = stage.assistants().stream()
                .map(CannedServer::url)
                .findFirst()
                .orElse(stage.source().url());
        return List.of(
                stage.source().url().toString(),
                stage.function().url().toString(),
                Integer.toString(load.shards()),
                Integer.toString(load.batch()),
                client,
                leases.toString());
    }

    /**
     * The loop without rules.
     *
     * @param client the AWS SDK's HTTP client
     */
    record Raw(String client) implements StreamPeer {
        @Override
        public String name() {
            return "raw:" + client;
        }

        @Override
        public Optional<String> unavailable() {
            return Optional.empty();
        }

        @Override
        public List<String> command(Stage stage, Load load, Settings settings) {
            return Java.command(
                    settings.jvmOptions(), Java.classPath(), "peer.RawKinesisLoop", arguments(stage, load, client));
        }
    }

    /**
     * The Kinesis Client Library, from its own class path.
     *
     * @param client the AWS SDK's HTTP client
     */
    record Kcl(String client) implements StreamPeer {
        private static final Path LIB = Path.of("kcl", "target", "lib");
        private static final int LEASES_HEAP_MIB = 128;

        @Override
        public String name() {
            return "kcl:" + client;
        }

        @Override
        public Optional<String> unavailable() {
            return Files.isDirectory(LIB)
                    ? Optional.empty()
                    : Optional.of("run `mvn -Pbench -pl benchmarks/kcl -am -DskipTests package` first");
        }

        @Override
        public List<List<String>> assistants() {
            return List.of(Java.server(LEASES_HEAP_MIB, "kinesis.CannedDynamoDb"));
        }

        @Override
        public List<String> command(Stage stage, Load load, Settings settings) {
            return Java.command(
                    settings.jvmOptions(), LIB.resolve("*").toString(), "kcl.KclLoop", arguments(stage, load, client));
        }
    }

    /** This project's daemon. */
    record Millrace(Daemon daemon) implements StreamPeer {
        @Override
        public String name() {
            return "millrace";
        }

        @Override
        public Optional<String> unavailable() {
            return daemon.unavailable();
        }

        @Override
        public List<String> command(Stage stage, Load load, Settings settings) throws IOException {
            Path config = writeConfig(stage.source().url(), stage.function().url(), load, settings.directory());
            return daemon.command(config, settings.jvmOptions(), true);
        }

        /** Writes a configuration with one mapping and a new store. */
        static Path writeConfig(URI kinesis, URI function, Load load, Path directory) throws IOException {
            Path stores = Files.createDirectories(directory.resolve("bench-stores"));
            Path store = Files.createTempDirectory(stores, "store-").resolve("millrace.db");
            String rest = """
                Store: {Path: "%s"}
                EventSourceMappings:
                  - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/bench
                    FunctionName: bench-fn
                    StartingPosition: TRIM_HORIZON
                    BatchSize: %d
                    ParallelizationFactor: %d
                """.formatted(store.toAbsolutePath(), load.batch(), load.lanes());
            return Daemon.writeConfig(directory, "Kinesis", kinesis, function, rest);
        }
    }
}
