package dev.millrace.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Commands that run classes of this module in a JVM of their own, the one that runs the harness. */
final class Java {
    private Java() {}

    static String executable() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** A canned server: one thread, hardly any garbage. */
    static List<String> server(String mainClass, String... arguments) {
        return Stream.concat(
                        Stream.of(
                                executable(),
                                "-XX:+UseSerialGC",
                                "-Xmx128m",
                                "-cp",
                                classPath(),
                                "dev.millrace.bench.server." + mainClass),
                        Stream.of(arguments))
                .toList();
    }
}
