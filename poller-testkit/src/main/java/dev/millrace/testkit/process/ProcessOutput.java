package dev.millrace.testkit.process;

import dev.millrace.testkit.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The lines that a process has written so far, read by a thread of its own. Thread-safe. */
public final class ProcessOutput {

    /** Lines kept: a process that logs without end must not take the test's memory. */
    private static final int MOST_LINES = 100_000;

    private static final int LINES_IN_A_COMPLAINT = 60;

    private final List<String> lines = new ArrayList<>();

    /**
     * Begins to read.
     *
     * @param process its name, for the name of the thread
     */
    public ProcessOutput(InputStream from, String process) {
        // Not a virtual thread: reading a pipe blocks what carries it, of which a small machine has two.
        Thread.ofPlatform().daemon().name("output/" + process).start(() -> read(from));
    }

    private void read(InputStream from) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add("(output lost: " + e + ")");
        }
    }

    private synchronized void add(String line) {
        if (lines.size() < MOST_LINES) {
            lines.add(line);
        }
    }

    /** All lines so far. */
    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The first line for which this holds. */
    public Optional<String> find(Predicate<String> wanted) {
        return lines().stream().filter(wanted).findFirst();
    }

    /** Waits for a line that holds all these texts, and answers it. */
    public String await(String... texts) {
        Predicate<String> wanted = line -> List.of(texts).stream().allMatch(line::contains);
        Eventually.holds("a line of output with " + List.of(texts), () -> {
            if (find(wanted).isEmpty()) {
                throw new AssertionError("the output is:\n" + this);
            }
        });
        return find(wanted).orElseThrow();
    }

    /** How many lines hold this text. */
    public long count(String text) {
        return lines().stream().filter(line -> line.contains(text)).count();
    }

    /** The last lines, for a complaint. */
    @Override
    public String toString() {
        List<String> all = lines();
        return String.join("\n", all.subList(Math.max(0, all.size() - LINES_IN_A_COMPLAINT), all.size()));
    }
}
