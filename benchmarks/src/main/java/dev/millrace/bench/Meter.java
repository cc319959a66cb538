package dev.millrace.bench;

import java.io.IOException;

/** Reads off a stage's servers how much work was done. */
public interface Meter {

    /** What the work is counted in, in the plural: {@code messages}. */
    String unit();

    Work read(Stage stage) throws IOException;

    /**
     * How much less or more work may be finished in a window than was received in it, as a fraction: what is in flight at the
     * window's borders.
     */
    double tolerance();

    /**
     * What was counted since the servers started.
     *
     * @param done units whose work is finished
     * @param received units that the source handed out
     * @param posts requests to the function
     */
    record Work(long done, long received, long posts) {}
}
