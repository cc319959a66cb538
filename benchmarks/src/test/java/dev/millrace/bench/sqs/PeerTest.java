package dev.millrace.bench.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerTest {
    @Test
    void theDaemonGetsOneMappingPerQueue(@TempDir Path directory) throws IOException {
        Target target = new Target(
                URI.create("http://127.0.0.1:1/"), List.of("q-1", "q-2"), URI.create("http://127.0.0.1:2/"), 16);

        assertThat(Files.readString(Peer.Millrace.writeConfig(target, directory)))
                .contains("Endpoints: {Sqs: \"http://127.0.0.1:1\"}")
                .contains("Http: {Url: \"http://127.0.0.1:2/\"}")
                .contains("\n  - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:q-1")
                .contains("\n  - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:q-2");
    }
}
