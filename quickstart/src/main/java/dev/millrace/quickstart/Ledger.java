package dev.millrace.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The sample function's file: a line with the id of each message, record or change it has processed, in that order, and one for
 * each batch that it failed as a whole. Several processes may append to it.
 */
record Ledger(Path file) {

    private static final String FAILED_BATCH = "failed ";

    /**
     * A batch that the function failed as a whole.
     *
     * @param culprit id of the record that it cannot process
     * @param records the batch's size
     */
    record FailedBatch(String culprit, int records) {}

    void processed(List<String> ids) throws IOException {
        append(String.join("\n", ids));
    }

    void failed(FailedBatch batch) throws IOException {
        append(FAILED_BATCH + batch.culprit() + " " + batch.records());
    }

    private void append(String lines) throws IOException {
        Files.writeString(file, lines + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The processed ids that begin with the prefix, as often as they were processed. */
    List<String> processed(String prefix) throws IOException {
        return lines(file).filter(line -> line.startsWith(prefix)).toList();
    }

    /** The failed batches, in the order of their failures. */
    List<FailedBatch> failedBatches() throws IOException {
        return lines(file)
                .filter(line -> line.startsWith(FAILED_BATCH))
                .map(line -> line.split(" ", -1))
                .map(words -> new FailedBatch(words[1], Integer.parseInt(words[2])))
                .toList();
    }

    /** The lines of a file that somebody may be writing: without one that has no end yet; none without a file. */
    static Stream<String> lines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Stream.empty();
        }
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines();
    }
}
