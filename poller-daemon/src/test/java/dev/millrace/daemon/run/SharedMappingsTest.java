package dev.millrace.daemon.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.daemon.config.ConfigLoader;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon whose mappings come and go, by the definitions that nodes share. */
class SharedMappingsTest {

    private static final UUID ONE = new UUID(0, 1);
    private static final UUID TWO = new UUID(0, 2);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    private final RecordedParts parts = new RecordedParts();
    private final MemoryDefinitions definitions = parts.definitions();
    private @Nullable Daemon daemon;

    @AfterEach
    void stop() throws InterruptedException {
        if (daemon != null) {
            daemon.stop();
        }
    }

    private Daemon start(String mappings) throws Exception {
        Plugins plugins = parts.plugins();
        String text = """
            Api: {Port: 0}
            Coordination: {Mode: Kcl}
            Shutdown: {DeadlineSeconds: 1}
            Functions: {f: {Noted: {}}, g: {Noted: {}}}
            """ + mappings;
        Path file = Files.writeString(directory.resolve("millrace.yaml"), text);
        LoadedConfig loaded = new ConfigLoader(plugins, _ -> null, Instant.EPOCH).load(file);
        assertThat(loaded).isInstanceOf(LoadedConfig.Valid.class);
        daemon = Daemon.start(((LoadedConfig.Valid) loaded).config(), plugins);
        return daemon;
    }

    private static String queue(UUID uuid, String name, String members) {
        return "{\"UUID\": \"" + uuid + "\", \"EventSourceArn\": \"arn:aws:sqs:us-east-1:000000000000:" + name
                + "\", \"FunctionName\": \"f\", \"Millrace\": {\"WaitTimeSeconds\": 1}" + members + "}";
    }

    private static String state(Daemon daemon, UUID mapping) {
        for (JsonNode one : daemon.content().status().get("EventSourceMappings")) {
            if (one.get("UUID").asText().equals(mapping.toString())) {
                return one.get("State").asText();
            }
        }
        return "not there";
    }

    private static void awaitState(Daemon daemon, UUID mapping, String state) {
        Eventually.holds(
                mapping + " to be " + state,
                () -> assertThat(state(daemon, mapping)).isEqualTo(state));
    }

    private static JsonNode notPolled(Daemon daemon) {
        return daemon.content().status().at("/SharedMappings/NotPolled");
    }

    private void awaitLoads(int more) {
        int until = definitions.loads() + more;
        Eventually.until("the definitions to be read", () -> definitions.loads() >= until);
    }

    private static List<String> series(Daemon daemon, UUID mapping) {
        return daemon.content()
                .metrics()
                .lines()
                .filter(line -> line.contains(mapping.toString()))
                .toList();
    }

    @Test
    void pollsWhatIsThereAndWhatIsAdded() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ""));
        Daemon running = start("");
        awaitState(running, ONE, "Enabled");

        definitions.put(TWO, queue(TWO, "b", ""));

        awaitState(running, TWO, "Enabled");
        assertThat(running.content().ready().ok()).isTrue();
        assertThat(running.content().live().detail().fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(ONE.toString(), TWO.toString());
        assertThat(parts.record()).contains("open queue a", "open queue b");
    }

    @Test
    void closesWhatIsDeletedOrDisabledAndLeavesTheOthersAlone() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ""));
        definitions.put(TWO, queue(TWO, "b", ""));
        definitions.put(new UUID(0, 3), queue(new UUID(0, 3), "c", ""));
        Daemon running = start("");
        awaitState(running, new UUID(0, 3), "Enabled");

        definitions.delete(ONE);
        definitions.put(TWO, queue(TWO, "b", ", \"Enabled\": false"));

        awaitState(running, ONE, "not there");
        awaitState(running, TWO, "Disabled");
        assertThat(parts.record())
                .contains("close queue a", "close queue b")
                .doesNotContain("close queue c")
                .containsOnlyOnce("open queue c");
        assertThat(state(running, new UUID(0, 3))).isEqualTo("Enabled");
    }

    @Test
    void endsWhatIsChangedBeforeItBeginsAnew() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ""));
        Daemon running = start("");
        awaitState(running, ONE, "Enabled");

        definitions.put(ONE, queue(ONE, "a", ", \"BatchSize\": 5"));

        Eventually.until("the queue to be opened anew", () -> parts.record().containsAll(List.of("close queue a")));
        awaitState(running, ONE, "Enabled");
        assertThat(parts.record())
                .filteredOn(line -> line.contains("queue a"))
                .containsExactly("open queue a", "close queue a", "open queue a");
    }

    @Test
    void forgetsTheMetersOfWhatIsClosedAndCountsAnewWhatIsOpenedAgain() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ""));
        Daemon running = start("");
        awaitState(running, ONE, "Enabled");
        List<String> before = series(running, ONE).stream()
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .toList();
        assertThat(before).isNotEmpty().doesNotHaveDuplicates();

        definitions.delete(ONE);
        awaitState(running, ONE, "not there");
        Eventually.holds(
                "its meters to be gone", () -> assertThat(series(running, ONE)).isEmpty());

        definitions.put(ONE, queue(ONE, "a", ""));
        awaitState(running, ONE, "Enabled");
        assertThat(series(running, ONE))
                .extracting(line -> line.substring(0, line.lastIndexOf(' ')))
                .containsExactlyInAnyOrderElementsOf(before);
        assertThat(series(running, ONE))
                .anySatisfy(line ->
                        assertThat(line).startsWith("millrace_mapping_running{").endsWith(" 1.0"));
    }

    @Test
    void showsWhatIsWrongAndPollsTheOthers() throws Exception {
        definitions.put(ONE, queue(ONE, "a", "").replace("\"f\"", "\"elsewhere\""));
        definitions.put(TWO, queue(TWO, "b", ""));
        Daemon running = start("");

        awaitState(running, TWO, "Enabled");
        assertThat(notPolled(running)).singleElement().satisfies(wrong -> {
            assertThat(wrong.get("UUID").asText()).isEqualTo(ONE.toString());
            assertThat(wrong.get("State").asText()).isEqualTo("wrong");
            assertThat(wrong.get("Problems").toString()).contains("FunctionName: ", "no function 'elsewhere'");
        });
        assertThat(running.content().ready().ok()).isTrue();
        assertThat(running.content().metrics()).contains("millrace_shared_mappings_not_polled 1.0");

        definitions.put(ONE, queue(ONE, "a", ""));
        awaitState(running, ONE, "Enabled");
        assertThat(notPolled(running)).isEmpty();

        definitions.put(ONE, "{no JSON");
        awaitState(running, ONE, "not there");
        assertThat(notPolled(running)).hasSize(1);
        assertThat(parts.record()).contains("close queue a");
    }

    @Test
    void letsTheFileCount() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ", \"BatchSize\": 5"));
        definitions.put(TWO, queue(TWO, "b", ", \"BatchSize\": 5"));
        Daemon running = start("""
            EventSourceMappings:
              - {UUID: %s, EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:mine", FunctionName: g}
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:b", FunctionName: f, Enabled: false}
            """.formatted(ONE));

        awaitState(running, ONE, "Enabled");
        awaitLoads(3);
        assertThat(notPolled(running))
                .extracting(one -> one.get("State").asText())
                .containsExactly("overridden by this node's file", "overridden by this node's file");
        assertThat(parts.record())
                .filteredOn(line -> line.startsWith("open queue"))
                .containsExactly("open queue mine");
    }

    @Test
    void keepsPollingWhileTheDefinitionsAreOutOfReach() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ""));
        Daemon running = start("");
        awaitState(running, ONE, "Enabled");

        definitions.trouble("the table is gone");

        Eventually.holds("the trouble to be told", () -> {
            JsonNode shared = running.content().status().get("SharedMappings");
            assertThat(shared.get("State").asText()).isEqualTo("out of reach");
            assertThat(shared.get("Problem").asText()).isEqualTo("the table is gone");
            assertThat(shared.has("LastRead")).isTrue();
        });
        assertThat(running.content().metrics())
                .containsPattern("(?m)^millrace_shared_mappings_read_age_seconds [0-9.]+$")
                .contains("millrace_shared_mappings_not_polled 0.0");
        String since =
                running.content().status().at("/SharedMappings/OutOfReachSince").asText();
        awaitLoads(3);
        assertThat(running.content()
                        .status()
                        .at("/SharedMappings/OutOfReachSince")
                        .asText())
                .isEqualTo(since);
        assertThat(state(running, ONE)).isEqualTo("Enabled");
        assertThat(running.content().ready().ok()).isTrue();

        definitions.trouble(null);
        definitions.put(TWO, queue(TWO, "b", ""));
        awaitState(running, TWO, "Enabled");
        assertThat(running.content().status().at("/SharedMappings/State").asText())
                .isEqualTo("read");
        assertThat(parts.record()).containsOnlyOnce("open queue a");
    }

    @Test
    void isNotReadyBeforeTheDefinitionsHaveBeenRead() throws Exception {
        definitions.trouble("the table is not there yet");
        Daemon running = start("");
        awaitLoads(2);
        assertThat(running.content().ready().ok()).isFalse();
        assertThat(running.content().ready().detail().get("SharedMappings").asText())
                .isEqualTo("out of reach");
        assertThat(running.content().live().ok()).isTrue();

        definitions.trouble(null);

        Eventually.until("it to be ready", () -> running.content().ready().ok());
    }

    @Test
    void triesAgainToOpenWhatCannotBeOpened() throws Exception {
        definitions.put(ONE, queue(ONE, RecordedParts.BROKEN, ""));
        definitions.put(TWO, queue(TWO, "b", ""));
        Daemon running = start("");

        awaitState(running, TWO, "Enabled");
        Eventually.holds(
                "the reason to be told",
                () -> assertThat(notPolled(running)).singleElement().satisfies(one -> {
                    assertThat(one.get("State").asText()).isEqualTo("cannot be opened");
                    assertThat(one.get("Problems").toString()).contains("there is no room for it");
                }));

        parts.mended();

        awaitState(running, ONE, "Enabled");
        Eventually.until("nothing to be left", () -> notPolled(running).isEmpty());
    }

    @Test
    void closesSharedMappingsWithTheDaemon() throws Exception {
        definitions.put(ONE, queue(ONE, "a", ""));
        Daemon running = start("EventSourceMappings: [{EventSourceArn: \"arn:aws:sqs:us-east-1:000000000000:mine\","
                + " FunctionName: g, Millrace: {WaitTimeSeconds: 1}}]\n");
        awaitState(running, ONE, "Enabled");

        running.stop();
        daemon = null;

        assertThat(parts.record())
                .containsSubsequence(
                        "open queue mine", "open queue a", "close queue a", "close queue mine", "close provider");
        int loads = definitions.loads();
        definitions.put(TWO, queue(TWO, "b", ""));
        assertThat(parts.record()).doesNotContain("open queue b");
        assertThat(definitions.loads()).isEqualTo(loads);
    }
}
