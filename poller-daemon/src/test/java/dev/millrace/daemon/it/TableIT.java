package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table whose stream is disabled and enabled again, which makes it another one, under a mapping of its newest stream. */
final class TableIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void whatTheDisabledStreamStillHasIsProcessedBeforeTheNewOne() throws Exception {
        try (StreamScene scene = new StreamScene(folder);
                TestTable table = scene.table()) {
            Path discards = folder.resolve("discards");
            Path config = config(scene, table, discards);
            scene.function().always(TableIT::answer);
            DaemonProcess first = scene.startReady(config);
            String old = table.streamArn();
            table.put("a", "value", "one");
            awaitValues(scene, "one");
            StreamScene.stop(first);
            table.put("a", "value", "bad two");
            table.disableStream();
            String next = table.enableStream();
            table.put("a", "value", "bad three");

            DaemonProcess second = scene.start(config);

            awaitValues(scene, "one", "bad two", "bad three");
            assertThat(arns(scene)).containsExactly(old, old, next);
            Eventually.until("both discards", () -> Files.readAllLines(discards).size() == 2);
            assertThat(Files.readAllLines(discards).get(0)).contains("\"streamArn\":\"" + old + "\"");
            assertThat(Files.readAllLines(discards).get(1)).contains("\"streamArn\":\"" + next + "\"");
            StreamScene.stop(second);
        }
    }

    private static Path config(StreamScene scene, TestTable table, Path discards) {
        String latest = table.streamArn().replaceAll("/stream/.*", "/stream/latest");
        String members = "StartingPosition: TRIM_HORIZON, MaximumRetryAttempts: 0,"
                + " DestinationConfig: {OnFailure: {Destination: \"file:" + discards + "\"}}";
        return scene.config(scene.fn(5), StreamScene.mapping(latest, members));
    }

    private static FunctionAnswer answer(FunctionCall call) {
        return call.body().text().contains("bad") ? StreamEvent.error("bad") : FunctionAnswer.ok("");
    }

    private static void awaitValues(StreamScene scene, String... values) {
        Eventually.holds(
                "the changes to arrive",
                () -> assertThat(records(scene))
                        .extracting(record ->
                                record.at("/dynamodb/NewImage/value/S").asText())
                        .containsExactly(values));
    }

    private static List<String> arns(StreamScene scene) throws IOException {
        return records(scene).stream()
                .map(record -> record.get("eventSourceARN").asText())
                .toList();
    }

    private static List<JsonNode> records(StreamScene scene) throws IOException {
        List<JsonNode> records = new ArrayList<>();
        for (FunctionCall call : scene.function().calls()) {
            JSON.readTree(call.body().bytes()).get("Records").forEach(records::add);
        }
        return records;
    }
}
