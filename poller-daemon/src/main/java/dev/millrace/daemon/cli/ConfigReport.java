package dev.millrace.daemon.cli;

import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.mapping.EventSourceMapping;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a valid configuration means, as a table of its mappings. */
final class ConfigReport {

    private static final List<String> HEADER = List.of("SOURCE", "FUNCTION", "BATCH", "WINDOW", "ENABLED");

    private ConfigReport() {}

    /** One line per problem, then their number. */
    static void printProblems(Path file, LoadedConfig.Invalid invalid, PrintWriter err) {
        invalid.problems().forEach(err::println);
        err.println(file + " is not valid: " + count(invalid.problems().size(), "problem"));
        err.flush();
    }

    static void print(Path file, DaemonConfig config, PrintWriter out) {
        out.println(file + " is valid: " + count(config.mappings().size(), "mapping") + ", "
                + count(config.functions().size(), "function"));
        if (config.mappings().isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        config.mappings().forEach(mapping -> rows.add(row(mapping)));
        int[] widths = new int[HEADER.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        out.println();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(i == 0 ? "" : "  ")
                        .append(row.get(i))
                        .repeat(' ', widths[i] - row.get(i).length());
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static List<String> row(EventSourceMapping mapping) {
        return List.of(
                mapping.eventSourceArn().toString(),
                mapping.function().toString(),
                String.format(Locale.ROOT, "%d", mapping.batchSize()),
                mapping.maximumBatchingWindow().toSeconds() + " s",
                mapping.enabled() ? "yes" : "no");
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
