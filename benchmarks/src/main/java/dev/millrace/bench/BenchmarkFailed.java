package dev.millrace.bench;

/** A run that cannot give a figure; its message says why, and ends the benchmark. */
final class BenchmarkFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchmarkFailed(String message) {
        super(message);
    }
}
