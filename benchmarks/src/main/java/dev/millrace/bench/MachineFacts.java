package dev.millrace.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;

/** Where and with what the figures were made. */
public final class MachineFacts {
    private MachineFacts() {}

    /** One line for the machine, one for the versions. */
    public static String describe() throws IOException {
        return "%s, %d cores, %.0f GiB, %s, %s %s, %s; load average before the start: %s.%n%nVersions: %s.%n"
                .formatted(
                        firstValue("/proc/cpuinfo", "model name"),
                        Runtime.getRuntime().availableProcessors(),
                        Long.parseLong(firstValue("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024.0 / 1024,
                        System.getProperty("os.name") + " " + System.getProperty("os.version"),
                        System.getProperty("java.vm.vendor"),
                        Runtime.version(),
                        LocalDate.now(ZoneOffset.UTC),
                        Files.readString(Path.of("/proc/loadavg")).trim(),
                        versions());
    }

    private static String firstValue(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("0 (" + name + " unknown)");
    }

    private static String versions() throws IOException {
        Properties versions = new Properties();
        try (InputStream file = MachineFacts.class.getResourceAsStream("/versions.properties")) {
            if (file == null) {
                throw new BenchmarkFailed("versions.properties is not on the class path");
            }
            versions.load(file);
        }
        String java = versions.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .sorted()
                .collect(Collectors.joining(", "));
        return java + ", Node.js " + node();
    }

    private static String node() throws IOException {
        try {
            Process process = new ProcessBuilder("node", "--version").start();
            try (InputStream output = process.getInputStream()) {
                return new String(output.readAllBytes(), StandardCharsets.UTF_8)
                        .trim()
                        .toLowerCase(Locale.ROOT);
            }
        } catch (IOException noNode) {
            return "not installed";
        }
    }
}
