package dev.millrace.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows that print as a Markdown table. */
public final class MarkdownTable {
    private final List<String> lines = new ArrayList<>();
    private final int columns;

    public MarkdownTable(String... heads) {
        columns = heads.length;
        lines.add(line(List.of(heads)));
        lines.add(line(List.of(heads).stream().map(head -> "---").toList()));
    }

    public void row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        lines.add(line(List.of(cells)));
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }

    @Override
    public String toString() {
        return String.join("\n", lines) + "\n";
    }
}
