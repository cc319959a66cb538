package dev.millrace.bench.kinesis;

import dev.millrace.bench.MarkdownTable;
import java.util.Locale;

/** What was aimed at and what was reached. */
final class Verdicts {
    private final MarkdownTable table = new MarkdownTable("Aim", "Measured", "Reached");
    private boolean empty = true;

    /** @param format {@link String#format}'s for the measured number */
    void atMost(String aim, double limit, double measured, String format) {
        add(aim, measured <= limit, measured, format);
    }

    /** @param format {@link String#format}'s for the measured number */
    void atLeast(String aim, double limit, double measured, String format) {
        add(aim, measured >= limit, measured, format);
    }

    private void add(String aim, boolean reached, double measured, String format) {
        empty = false;
        table.row(aim, String.format(Locale.ROOT, format, measured), reached ? "yes" : "**no**");
    }

    @Override
    public String toString() {
        return empty ? "" : "## Aims\n\n" + table + "\n";
    }
}
