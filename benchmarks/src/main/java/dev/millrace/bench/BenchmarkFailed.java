package dev.millrace.bench;

/** A run that cannot give a figure; its message says why, and ends the benchmark. */
public final class BenchmarkFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BenchmarkFailed(String message) {
        super(message);
    }
}
