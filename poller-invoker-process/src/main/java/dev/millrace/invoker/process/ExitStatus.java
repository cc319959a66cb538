package dev.millrace.invoker.process;

import java.util.Map;

/** A process's exit code in the words that Lambda uses. */
final class ExitStatus {

    /** A process ended by signal n exits with 128 + n, as far as a parent can tell in Java. */
    private static final int SIGNAL_BASE = 128;

    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "hangup"),
            Map.entry(2, "interrupt"),
            Map.entry(3, "quit"),
            Map.entry(4, "illegal instruction"),
            Map.entry(6, "aborted"),
            Map.entry(7, "bus error"),
            Map.entry(8, "floating point exception"),
            Map.entry(9, "killed"),
            Map.entry(11, "segmentation fault"),
            Map.entry(13, "broken pipe"),
            Map.entry(14, "alarm clock"),
            Map.entry(15, "terminated"));

    private ExitStatus() {}

    /** Such as {@code Runtime exited with error: exit status 1}. */
    static String describe(int exitCode) {
        if (exitCode == 0) {
            return "Runtime exited without providing a reason";
        }
        String signal = SIGNALS.get(exitCode - SIGNAL_BASE);
        return "Runtime exited with error: " + (signal == null ? "exit status " + exitCode : "signal: " + signal);
    }
}
