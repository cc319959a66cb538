package dev.millrace.bench.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamPeerTest {
    @Test
    void theDaemonGetsOneMappingAndANewStoreForEveryRun(@TempDir Path directory) throws IOException {
        String first = config(directory);

        assertThat(first)
                .contains("Endpoints: {Kinesis: \"http://127.0.0.1:1\"}")
                .contains("Http: {Url: \"http://127.0.0.1:2/\"}")
                .contains("\n  - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/bench")
                .contains("\n    BatchSize: 1000")
                .contains("\n    ParallelizationFactor: 10");
        assertThat(store(config(directory))).isNotEqualTo(store(first));
    }

    private static String config(Path directory) throws IOException {
        Load load = new Load(16, 100, 2_000, 1_000, 10, 0);
        return Files.readString(StreamPeer.Millrace.writeConfig(
                URI.create("http://127.0.0.1:1/"), URI.create("http://127.0.0.1:2/"), load, directory));
    }

    private static String store(String config) {
        return config.lines()
                .filter(line -> line.startsWith("Store:"))
                .findFirst()
                .orElse("none");
    }
}
