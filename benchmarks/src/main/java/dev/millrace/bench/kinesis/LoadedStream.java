package dev.millrace.bench.kinesis;

import dev.millrace.bench.Contestant;
import dev.millrace.bench.Meter;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A peer and its load.
 *
 * @param name how tables call the two together
 */
record LoadedStream(String name, StreamPeer peer, Load load, Settings settings) implements Contestant {
    @Override
    public Stage open(int round) throws IOException {
        return load.open(name, round, settings, peer.assistants());
    }

    @Override
    public List<String> command(Stage stage) throws IOException {
        return peer.command(stage, load, settings);
    }

    /** Counts a record when it arrives at the function. */
    record Arrivals() implements Meter {
        @Override
        public String unit() {
            return "records";
        }

        @Override
        public Work read(Stage stage) throws IOException {
            Map<String, Long> function = stage.function().stats();
            return new Work(
                    function.getOrDefault("records", 0L),
                    stage.source().stats().getOrDefault("records", 0L),
                    function.getOrDefault("requests", 0L));
        }

        @Override
        public double tolerance() {
            // Ten thousand records of a shard may be read ahead.
            return 0.1;
        }
    }
}
