package dev.millrace.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Commands that run classes of this module in a JVM of their own, the one that runs the harness. */
public final class Java {
    private Java() {}

    public static String executable() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public static String classPath() {
        return System.getProperty("java.class.path");
    }

    /**
     * A class of this module or one beside it.
     *
     * @param options of the JVM
     * @param mainClass its name below {@code dev.millrace.bench}
     */
    public static List<String> command(
            List<String> options, String classPath, String mainClass, List<String> arguments) {
        return Stream.of(
                        List.of(executable()),
                        options,
                        List.of("-cp", classPath, "dev.millrace.bench." + mainClass),
                        arguments)
                .flatMap(List::stream)
                .toList();
    }

    /**
     * A canned server: one thread, hardly any garbage.
     *
     * @param heapMib its largest heap; buffers of requests and answers are all that it holds
     * @param mainClass its name below {@code dev.millrace.bench.server}
     */
    public static List<String> server(int heapMib, String mainClass, String... arguments) {
        return command(
                List.of("-XX:+UseSerialGC", "-Xmx" + heapMib + "m"),
                classPath(),
                "server." + mainClass,
                List.of(arguments));
    }
}
