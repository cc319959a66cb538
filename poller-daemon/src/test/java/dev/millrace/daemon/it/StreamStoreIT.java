package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.process.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file with the progress of the streams: in use, foreign, damaged, or on a full disk. */
final class StreamStoreIT {

    /** Changes the limits of a running process; part of every Linux distribution. */
    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

    @TempDir
    private Path folder;

    private StreamScene scene;

    @BeforeEach
    void begin() {
        scene = new StreamScene(folder);
    }

    @AfterEach
    void end() {
        scene.close();
    }

    @Test
    void aSecondDaemonOnTheSameStoreEndsWithAClearMessageAndTheFirstGoesOn() throws InterruptedException {
        TestStream stream = scene.server().stream("shared", 1);
        Path config = scene.config(scene.fn(10), StreamScene.mapping(stream, StreamScene.QUICK));
        DaemonProcess first = scene.startReady(config);

        DaemonProcess second = scene.start(config);
        assertThat(second.awaitExit()).as("exit code").isEqualTo(1);
        second.output()
                .await(
                        scene.store().toString(),
                        "is in use by process " + first.pid(),
                        "stop that one first, or give this one a file of its own");

        stream.put("k", "a");
        scene.awaitDelivered("a");
        StreamScene.stop(first);
        DaemonProcess third = scene.startReady(config);
        stream.put("k", "b");
        scene.awaitDelivered("b");
        StreamScene.stop(third);
        assertThat(scene.delivered()).containsExactly("a", "b");
    }

    @Test
    void refusesAFileThatIsNotItsStoreAndLeavesItAsItIs() throws Exception {
        byte[] text =
                "These are the accounts of 2025, and there is no copy of them.\n".getBytes(StandardCharsets.UTF_8);
        assertRefused(text, "is not an SQLite database");
    }

    @Test
    void refusesAStoreThatWasCutOffAndLeavesItAsItIs() throws Exception {
        assertRefused(new byte[0], "is empty");
    }

    private void assertRefused(byte[] content, String complaint) throws IOException, InterruptedException {
        TestStream stream = scene.server().stream("refused", 1);
        stream.put("k", "stays");
        Files.write(scene.store(), content);
        DaemonProcess daemon = scene.start(scene.config(scene.fn(10), StreamScene.mapping(stream, StreamScene.QUICK)));

        assertThat(daemon.awaitExit()).as("exit code").isEqualTo(1);
        daemon.output().await(scene.store().toString(), complaint);
        assertThat(Files.readAllBytes(scene.store())).isEqualTo(content);
        assertThat(scene.function().calls()).isEmpty();
    }

    @Test
    void stopsInvokingWhileTheDiskIsFullAndGoesOnAtTheSamePlace() throws Exception {
        assumeThat(PRLIMIT).isExecutable();
        TestStream stream = scene.server().stream("full-disk", 1);
        DaemonProcess daemon = scene.startReady(
                scene.config(scene.fn(10), StreamScene.mapping(stream, "BatchSize: 1, " + StreamScene.QUICK)));
        stream.put("k", "before");
        scene.awaitDelivered("before");
        Eventually.until("it to be stored", () -> daemon.metric("millrace_batches_unsaved", stream.name()) == 0);

        limitFiles(daemon, "1");
        for (int n = 0; n < 20; n++) {
            stream.put("k", String.valueOf(n));
        }
        daemon.output().await("ERROR", "progress cannot be stored", "invocations wait until it can");
        Eventually.until("invocations to wait", () -> daemon.metric("millrace_batches_unsaved", stream.name()) >= 4);
        assertThat(daemon.metric("millrace_store_errors_total", stream.name())).isPositive();
        assertThat(scene.delivered())
                .as("one batch at a time, four ahead of the store")
                .hasSizeLessThanOrEqualTo(6);

        limitFiles(daemon, "unlimited");
        scene.awaitDelivered("19");
        daemon.output().await("progress is stored again");
        StreamScene.stop(daemon);
        assertThat(scene.delivered()).hasSize(21).doesNotHaveDuplicates();
    }

    /** Bounds the size of every file that the process writes: writes beyond it fail as on a full disk. */
    private static void limitFiles(DaemonProcess daemon, String bytes) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        PRLIMIT.toString(), "--pid", String.valueOf(daemon.pid()), "--fsize=" + bytes + ":")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
