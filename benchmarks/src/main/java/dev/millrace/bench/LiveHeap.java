package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a JVM's heap holds for good, measured by the JDK's own tools from outside. */
public final class LiveHeap {
    private static final int TIMEOUT_SECONDS = 60;

    /** With these a collector fills the space of dead objects that it leaves where they are, which is no live heap. */
    private static final String FILLER = "jdk.internal.vm.Filler";

    private LiveHeap() {}

    /**
     * Collects the process's garbage and adds up the objects that are left.
     *
     * @return bytes
     */
    public static long bytesOf(ChildProcess process) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process histogram = new ProcessBuilder(List.of(jcmd, Long.toString(process.pid()), "GC.class_histogram"))
                .redirectErrorStream(true)
                .start();
        List<String> lines = histogram.inputReader().lines().toList();
        if (!histogram.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || histogram.exitValue() != 0) {
            throw process.failed("gave no class histogram but " + String.join(" ", lines));
        }
        return total(lines);
    }

    /** From the last line, {@code Total INSTANCES BYTES}. */
    static long total(List<String> histogram) {
        String[] fields = histogram.getLast().trim().split(" +", -1);
        if (fields.length != 3 || !fields[0].equals("Total")) {
            throw new BenchmarkFailed("not the end of a class histogram: " + histogram.getLast());
        }
        long fillers = histogram.stream()
                .filter(line -> line.contains(FILLER))
                .mapToLong(line -> Long.parseLong(line.trim().split(" +", -1)[2]))
                .sum();
        return Long.parseLong(fields[2]) - fillers;
    }
}
