package dev.millrace.bench;

import java.io.IOException;

/** Reads off a stage's servers how much work was done. */
public interface Meter {

    /** What the work is counted in, in the plural: {@code messages}. */
    String unit();

    Work read(Stage stage) throws IOException;

    /**
     * What was counted since the servers started.
     *
     * @param done units whose work is finished
     * @param received units that the source handed out
     * @param posts requests to the function
     */
    record Work(long done, long received, long posts) {}
}
