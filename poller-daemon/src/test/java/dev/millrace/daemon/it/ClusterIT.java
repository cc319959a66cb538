package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several daemons that share the shards of a stream. */
final class ClusterIT {

    @TempDir
    private Path folder;

    @Test
    void sharesShardsAndTakesThemOver() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder)) {
            TestStream stream = scene.server().stream("shared", 4);
            scene.function().always(_ -> FunctionAnswer.ok(""));
            String mapping = StreamScene.mapping(stream, StreamScene.QUICK);
            DaemonProcess one = scene.start("one", 5, mapping).awaitReady();
            for (int i = 0; i < 100; i++) {
                stream.put("key-" + i, "data-" + i);
            }
            Eventually.until("all delivered", () -> scene.function().calls().stream()
                            .mapToInt(call -> StreamEvent.of(call).data().size())
                            .sum() == 100);
            System.out.println(one.status().toPrettyString());
            DaemonProcess two = scene.start("two", 5, mapping).awaitReady();
            Eventually.until("shared", () -> shards(one) == 2 && shards(two) == 2);
            one.kill();
            Eventually.until("taken over", () -> shards(two) == 4);
            System.out.println(two.output());
            assertThat(shards(two)).isEqualTo(4);
        }
    }

    private static int shards(DaemonProcess daemon) throws Exception {
        return daemon.status().get("EventSourceMappings").get(0).get("ShardsProcessed").asInt();
    }
}
