package dev.millrace.bench.sqs;

import dev.millrace.bench.Contestant;
import dev.millrace.bench.Meter;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Stage;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A peer on a queue that never runs empty.
 *
 * @param concurrency batches at a time
 */
record LoadedPeer(Peer peer, Settings settings, int concurrency) implements Contestant {
    @Override
    public String name() {
        return peer.name();
    }

    @Override
    public Stage open(int round) throws IOException {
        return Target.stage(name(), round, settings);
    }

    @Override
    public List<String> command(Stage stage) throws IOException {
        return peer.command(Target.on(stage, List.of("endless"), concurrency), settings);
    }

    /** Counts a message when it is deleted: only then is its work done. */
    record Deletions() implements Meter {
        @Override
        public String unit() {
            return "messages";
        }

        @Override
        public Work read(Stage stage) throws IOException {
            Map<String, Long> sqs = stage.source().stats();
            return new Work(
                    sqs.getOrDefault("deletedMessages", 0L),
                    sqs.getOrDefault("messages", 0L),
                    stage.function().stats().getOrDefault("requests", 0L));
        }

        @Override
        public double tolerance() {
            return 0.02;
        }
    }
}
