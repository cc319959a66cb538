package dev.millrace.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How to start this project's daemon, as its distribution does.
 *
 * @param distribution the folder that holds {@code lib} and, if one was made, the AOT cache
 * @param mainClass the daemon's main class
 */
public record Daemon(Path distribution, String mainClass) {

    public Optional<String> unavailable() {
        return jars().isEmpty()
                ? Optional.of("no jars in " + distribution.resolve("lib") + "; build poller-daemon first")
                : Optional.empty();
    }

    /** The one place that knows the daemon's command line. */
    public List<String> command(Path config, List<String> jvmOptions, boolean withAotCache) {
        List<String> command = new ArrayList<>();
        command.add(Java.executable());
        // As the launcher does; the AOT cache is refused with other flags than those it was made with.
        command.add("-XX:+UseCompactObjectHeaders");
        command.add("--enable-native-access=ALL-UNNAMED");
        if (jvmOptions.stream().noneMatch(option -> option.matches("-XX:\\+Use\\w+GC"))) {
            command.add("-XX:+UseParallelGC");
        }
        command.addAll(jvmOptions);
        if (withAotCache) {
            aotCache().ifPresent(cache -> command.add("-XX:AOTCache=" + cache));
        }
        command.add("-cp");
        command.add(jars().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(mainClass);
        command.add("run");
        command.add(config.toString());
        return command;
    }

    public Optional<Path> aotCache() {
        return files(distribution, ".aot").stream().findFirst();
    }

    /** In the order of their names: an AOT cache is accepted only with the class path it was made with. */
    private List<Path> jars() {
        return files(distribution.resolve("lib"), ".jar");
    }

    private static List<Path> files(Path directory, String ending) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory, 2)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new BenchmarkFailed("cannot list " + directory + ": " + e);
        }
    }

    /**
     * Writes a configuration.
     *
     * @param service what {@code Aws.Endpoints} calls the service
     * @param endpoint what stands in for it
     * @param function where the function {@code bench-fn} listens
     * @param rest more YAML at the top level
     */
    public static Path writeConfig(Path directory, String service, URI endpoint, URI function, String rest)
            throws IOException {
        String yaml = """
            Region: us-east-1
            AccountId: "000000000000"
            Aws:
              Endpoints: {%s: "%s"}
            Api: {Host: 127.0.0.1, Port: %d}
            Functions:
              bench-fn:
                Timeout: 30
                Http: {Url: "%s"}
            """.formatted(service, endpoint.toString().replaceAll("/$", ""), freePort(), function);
        Files.createDirectories(directory);
        return Files.writeString(directory.resolve("bench-millrace.yaml"), yaml + rest);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
