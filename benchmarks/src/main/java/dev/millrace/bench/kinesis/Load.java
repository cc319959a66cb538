package dev.millrace.bench.kinesis;

import dev.millrace.bench.Java;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.util.List;

/**
 * What a run works on.
 *
 * @param shards of the stream
 * @param recordBytes data per record
 * @param recordsPerRead the most that one read gives; 0 for a stream without records
 * @param batch records per POST
 * @param lanes batches of one shard at a time; only the daemon can do more than one
 * @param functionMillis how long the function takes
 */
record Load(int shards, int recordBytes, int recordsPerRead, int batch, int lanes, int functionMillis) {
    /** Answers of a few megabytes to dozens of connections wait here until they are sent. */
    private static final int SERVER_HEAP_MIB = 1_024;

    /** @param assistants see {@link Stage#open} */
    Stage open(String name, int round, Settings settings, List<List<String>> assistants) throws IOException {
        return Stage.open(
                name,
                round,
                settings,
                Java.server(
                        SERVER_HEAP_MIB,
                        "kinesis.CannedKinesis",
                        Integer.toString(shards),
                        Integer.toString(recordBytes),
                        Integer.toString(recordsPerRead)),
                Java.server(SERVER_HEAP_MIB, "TrivialFunction", "--records", "--millis=" + functionMillis),
                assistants);
    }

    Load withLanes(int newLanes) {
        return new Load(shards, recordBytes, recordsPerRead, batch, newLanes, functionMillis);
    }
}
