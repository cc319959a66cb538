package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mappings in the shared table: two daemons follow what an operator puts there. */
final class SharedMappingsIT {

    @TempDir
    private Path folder;

    @Test
    void followsWhatAnOperatorPuts() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder)) {
            TestStream stream = scene.server().stream("shared", 4);
            scene.function().always(_ -> FunctionAnswer.ok(""));
            Path config = scene.config("one", 5);
            DaemonProcess one = scene.start("one", 5).awaitReady();
            DaemonProcess two = scene.start("two", 5).awaitReady();

            String told = put(config, StreamScene.mapping(stream, "UUID: " + new UUID(0, 1) + ", BatchSize: 5, " + StreamScene.QUICK));
            System.out.println(told);
            assertThat(told).contains("added", "1 added, 0 changed, 0 left");
            Eventually.until("shared", () -> shards(one) == 2 && shards(two) == 2);
            System.out.println(Daemons.run("mappings", "list", config.toString()));
            System.out.println(Daemons.run("mappings", "show", config.toString()));
            System.out.println(one.status().toPrettyString());
        }
    }

    private String put(Path config, String mapping) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("mappings.yaml"), "EventSourceMappings:\n" + mapping);
        return Daemons.run("mappings", "put", config.toString(), file.toString());
    }

    private static int shards(DaemonProcess daemon) throws Exception {
        JsonNode mappings = daemon.status().get("EventSourceMappings");
        return mappings.isEmpty() ? 0 : mappings.get(0).path("ShardsProcessed").asInt();
    }
}
