package dev.millrace.daemon.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.daemon.it.StreamScene;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of daemons that share the shards of a stream. */
final class ClusterIT {

    private static final int SHARDS = 4;

    @TempDir
    private Path folder;

    @Test
    void showsWhoHasWhichShardAndWhoTakesThemOver() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder)) {
            TestStream stream = scene.server().stream("shared", SHARDS);
            scene.function().always(_ -> FunctionAnswer.ok(""));
            String mapping = StreamScene.mapping(stream, StreamScene.QUICK);
            DaemonProcess one = scene.start("one", 5, mapping).awaitReady();
            Eventually.until("one has all", () -> shards(one) == SHARDS && owned(one, "one") == SHARDS);
            assertThat(one.metric("millrace_shards", "")).isEqualTo(SHARDS);

            DaemonProcess two = scene.start("two", 5, mapping).awaitReady();
            Eventually.until("both have half", () -> shards(one) == 2 && shards(two) == 2);
            Eventually.until("each sees both", () -> owned(two, "one") == 2 && owned(two, "two") == 2);
            assertThat(two.metric("millrace_shards_elsewhere", "")).isEqualTo(2);
            assertThat(two.metric("millrace_shards_without_owner", "")).isZero();

            one.kill();
            Eventually.until("two has all", () -> shards(two) == SHARDS && owned(two, "two") == SHARDS);
            assertThat(two.metric("millrace_shards_elsewhere", "")).isZero();
            StreamScene.stop(two);
        }
    }

    /** The library and the SDK reach for modules where nobody looks for it, such as java.desktop. */
    @Test
    void theModulesOfJavaInTheImageAreEnough() throws Exception {
        try (ClusterScene scene = new ClusterScene(folder);
                TestTable table = ClusterScene.table()) {
            TestStream stream = scene.server().stream("modules", 1);
            stream.put("key", "record");
            table.put("key", "of", "an item");
            scene.function().always(_ -> FunctionAnswer.ok(""));
            Path config = scene.config(
                    "slim",
                    5,
                    StreamScene.mapping(stream, StreamScene.QUICK),
                    StreamScene.mapping(table.streamArn(), "StartingPosition: TRIM_HORIZON, " + StreamScene.QUICK));
            DaemonProcess slim =
                    scene.start(config, "--limit-modules", modulesOfTheImage()).awaitReady();
            scene.function().awaitCalls(2);
            StreamScene.stop(slim);
        }
    }

    private static String modulesOfTheImage() throws IOException {
        Matcher modules = Pattern.compile("java\\.base,[a-z.,]+")
                .matcher(Files.readString(Path.of("..", "docker", "Dockerfile")));
        assertThat(modules.find()).isTrue();
        return modules.group();
    }

    private static JsonNode mapping(DaemonProcess daemon) throws IOException {
        return daemon.status().get("EventSourceMappings").get(0);
    }

    private static int shards(DaemonProcess daemon) throws IOException {
        return mapping(daemon).get("ShardsProcessed").asInt();
    }

    private static long owned(DaemonProcess daemon, String node) throws IOException {
        return StreamSupport.stream(mapping(daemon).withArray("Owners").spliterator(), false)
                .filter(owner -> owner.get("Node").asText().equals(node))
                .count();
    }
}
