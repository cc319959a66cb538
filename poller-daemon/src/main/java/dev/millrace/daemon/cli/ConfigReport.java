package dev.millrace.daemon.cli;

import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.FunctionConfig;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.VisibilityNeed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What a valid configuration means, as a table of its mappings. */
final class ConfigReport {

    private static final List<String> HEADER =
            List.of("SOURCE", "FUNCTION", "BATCH", "WINDOW", "VISIBILITY", "ENABLED");

    private ConfigReport() {}

    /** One line per problem, then their number. */
    static void printProblems(Path file, LoadedConfig.Invalid invalid, PrintWriter err) {
        invalid.problems().forEach(err::println);
        err.println(file + " is not valid: " + count(invalid.problems().size(), "problem"));
        err.flush();
    }

    static void print(Path file, DaemonConfig config, PrintWriter out) {
        Map<String, FunctionConfig> functions = new HashMap<>();
        config.functions().forEach(function -> functions.put(function.name(), function));
        out.println(file + " is valid: " + count(config.mappings().size(), "mapping") + ", "
                + count(config.functions().size(), "function"));
        if (config.mappings().isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        config.mappings().forEach(mapping -> rows.add(row(mapping, timeout(mapping, functions))));
        out.println();
        printTable(rows, out);
    }

    /** Rows of equal length, the first one their heading, in columns. */
    static void printTable(List<List<String>> rows, PrintWriter out) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
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

    private static Duration timeout(EventSourceMapping mapping, Map<String, FunctionConfig> functions) {
        FunctionConfig function = functions.get(mapping.function().name());
        return Objects.requireNonNull(function, "a valid mapping's function is configured")
                .timeout(mapping.function().qualifier());
    }

    private static List<String> row(EventSourceMapping mapping, Duration functionTimeout) {
        return List.of(
                mapping.eventSourceArn().toString(),
                mapping.function().toString(),
                String.format(Locale.ROOT, "%d", mapping.batchSize()),
                mapping.maximumBatchingWindow().toSeconds() + " s",
                mapping.kind().isQueue() ? visibility(mapping, functionTimeout) : "-",
                mapping.enabled() ? "yes" : "no");
    }

    /** What the queue's own VisibilityTimeout must be for this mapping; only the queue knows what it is. */
    private static String visibility(EventSourceMapping mapping, Duration functionTimeout) {
        boolean heartbeat = mapping.options().queue().heartbeat() != null;
        VisibilityNeed need = new VisibilityNeed(mapping.maximumBatchingWindow(), functionTimeout, heartbeat);
        return ">= " + (need.least().toMillis() + 999) / 1000 + " s";
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
