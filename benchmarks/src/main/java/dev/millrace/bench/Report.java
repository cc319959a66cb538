package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Markdown file that grows section by section, so that a failed run leaves what was measured before it. */
public final class Report {
    private final Path file;
    private final StringBuilder text;

    /** Begins with the machine's facts. */
    public Report(String title, Path file) throws IOException {
        this.file = file;
        text = new StringBuilder("# " + title + "\n\n" + MachineFacts.describe() + "\n");
    }

    public void add(String section) throws IOException {
        text.append(section);
        write();
    }

    /** Notes what could not be measured, here and on the error stream. */
    public void skipped(String what, String why) throws IOException {
        String line = "**NOT MEASURED: " + what + " - " + why + ".**\n\n";
        System.err.println("\n*** " + line.trim() + " ***\n");
        add(line);
    }

    private void write() throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text);
    }

    public void print() {
        System.out.println("\n" + text + "\nwritten to " + file);
    }
}
