package dev.millrace.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** The runs of several contestants, and how they are shown. */
public final class Results {
    /** Cores used by processes that are no part of the run; kernel threads that move the run's own bytes are among them. */
    private static final double MAX_OTHERS = 0.15;

    private final Meter meter;
    private final String unit;
    private final Map<String, List<Run>> runs;

    /** @param runs by contestant, in the order of the tables */
    Results(Meter meter, Map<String, List<Run>> runs) {
        this.meter = meter;
        this.unit = meter.unit();
        this.runs = new LinkedHashMap<>(runs);
    }

    public Set<String> names() {
        return runs.keySet();
    }

    /** One figure of all runs of a contestant. */
    public Series series(String name, ToDoubleFunction<Run> figure) {
        return new Series(runs.getOrDefault(name, List.of()).stream()
                .mapToDouble(figure)
                .boxed()
                .toList());
    }

    /** One row per contestant. */
    public MarkdownTable table() {
        MarkdownTable table = new MarkdownTable(
                "peer",
                unit + "/s",
                "CPU s per 100k " + unit,
                "RSS MiB",
                unit + " per POST",
                "cores: peer",
                "cores: source",
                "cores: function",
                "cores: others");
        for (String name : runs.keySet()) {
            table.row(
                    name,
                    series(name, Run::perSecond).show("%.0f"),
                    series(name, Run::cpuPer100k).show("%.2f"),
                    series(name, Run::residentMib).show("%.0f"),
                    series(name, Run::perPost).show("%.1f"),
                    series(name, Run::peerCores).show("%.2f"),
                    series(name, Run::sourceCores).show("%.2f"),
                    series(name, Run::functionCores).show("%.2f"),
                    series(name, Run::otherCores).show("%.2f"));
        }
        return table;
    }

    /** CPU time per unit of {@code name}, divided by that of {@code reference}; medians. */
    public double cpuRatio(String name, String reference) {
        return series(name, Run::cpuPer100k).median()
                / series(reference, Run::cpuPer100k).median();
    }

    /** CPU time per unit of each contestant in relation to those that are references; empty without any. */
    public String ratios(Predicate<String> isReference) {
        List<String> references = runs.keySet().stream().filter(isReference).toList();
        if (references.isEmpty()) {
            return "";
        }
        List<String> heads = new ArrayList<>(List.of("CPU per unit, ratio of medians"));
        references.forEach(reference -> heads.add("to " + reference));
        MarkdownTable table = new MarkdownTable(heads.toArray(String[]::new));
        for (String name : runs.keySet()) {
            List<String> cells = new ArrayList<>(List.of(name));
            references.forEach(reference -> cells.add("%.2f".formatted(cpuRatio(name, reference))));
            table.row(cells.toArray(String[]::new));
        }
        return table + "\n";
    }

    /** What makes these figures doubtful, in bold; empty when nothing does. */
    public String warnings() {
        StringBuilder warnings = new StringBuilder();
        runs.forEach((name, of) -> {
            if (of.stream().anyMatch(run -> Math.abs(run.donePerReceived() - 1) > meter.tolerance())) {
                warnings.append("**%s finished a different number of %s than it received: %s**%n%n"
                        .formatted(
                                name, unit, series(name, Run::donePerReceived).show("%.3f")));
            }
        });
        double others = runs.values().stream()
                .flatMap(List::stream)
                .mapToDouble(Run::otherCores)
                .max()
                .orElse(0);
        if (others > MAX_OTHERS) {
            warnings.append("**Other processes used up to %.2f cores meanwhile: do not quote these figures.**%n%n"
                    .formatted(others));
        }
        return warnings.toString();
    }
}
