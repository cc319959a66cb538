package dev.millrace.destination.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.testkit.destination.DestinationContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit sets the folder before any test.
class FileDestinationTest extends DestinationContract {

    private static final AwsSettings AWS = new AwsSettings("us-east-1", "000000000000", Map.of());

    @TempDir
    private Path directory;

    private final FileDestinationProvider provider = new FileDestinationProvider();
    private Path folder;
    private Path file;
    private Destination destination;
    private @Nullable Process locker;

    @BeforeEach
    void open() throws IOException {
        folder = Files.createDirectory(directory.resolve("discards"));
        file = folder.resolve("discards.jsonl");
        destination = open("file:" + file);
    }

    private Destination open(String name) {
        return provider.open(name, false, AWS);
    }

    @AfterEach
    void close() throws InterruptedException {
        destination.close();
        stopLocker();
        provider.close();
    }

    @Override
    protected Destination destination() {
        return destination;
    }

    @Override
    protected List<String> arrived() throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** The folder is not there any more. */
    @Override
    protected void breakDown() throws IOException {
        Files.move(folder, directory.resolve("elsewhere"));
    }

    /** Another process holds the lock. */
    @Override
    protected void hang() throws IOException {
        locker = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FileLocker.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(locker.getInputStream().read())
                .as("what the other process says")
                .isEqualTo(FileLocker.LOCKED);
    }

    @Override
    protected void recover() throws Exception {
        if (Files.exists(directory.resolve("elsewhere"))) {
            Files.move(directory.resolve("elsewhere"), folder);
        }
        stopLocker();
    }

    private void stopLocker() throws InterruptedException {
        if (locker != null) {
            locker.destroyForcibly().waitFor();
            locker = null;
        }
    }

    @Override
    protected boolean limit() {
        return false;
    }

    @Override
    protected String name() {
        return "file:" + file;
    }

    @Test
    void severalMappingsMayShareAFile() throws Exception {
        Destination other = open("file://" + folder + "/./discards.jsonl");
        InvocationRecord first = record("first", 0);
        InvocationRecord second = record("second", 0);

        destination.deliver(first);
        other.deliver(second);

        assertThat(arrived()).containsExactly(expected(first), expected(second));
    }

    @Test
    void otherProcessesMayWriteToTheFileAsWell() throws Exception {
        InvocationRecord record = record("ours", 0);
        destination.deliver(record);
        try (FileDestinationProvider otherDaemon = new FileDestinationProvider()) {
            otherDaemon.open("file:" + file, false, AWS).deliver(record);
        }

        destination.deliver(record);

        assertThat(arrived()).containsExactly(expected(record), expected(record), expected(record));
    }

    @Test
    void theTornLineOfACrashSpoilsNoOther() throws Exception {
        Files.writeString(file, "{\"requestContext\":{\"requ");
        InvocationRecord record = record("whole", 0);

        destination.deliver(record);

        assertThat(arrived()).containsExactly("{\"requestContext\":{\"requ", expected(record));
    }

    @Test
    void aFileThatIsMovedAwayIsBegunAnew() throws Exception {
        InvocationRecord record = record("rotated", 0);
        destination.deliver(record);
        Files.move(file, folder.resolve("discards.jsonl.1"));

        destination.deliver(record);

        assertThat(arrived()).containsExactly(expected(record));
    }

    /** The device that is always full. */
    @Test
    void aFullDiskIsToldAsSuch() throws Exception {
        Files.createSymbolicLink(file, Path.of("/dev/full"));

        assertThat(failure(record("full", 0))).hasMessageContainingAll(name(), "No space left on device");
        Files.delete(file);
    }

    @Test
    void aMissingFolderIsNamed() throws Exception {
        breakDown();

        assertThat(failure(record("nowhere", 0))).hasMessageContaining("the folder " + folder + " does not exist");
    }

    @Test
    void problemsShowBeforeTheFirstDiscard() throws Exception {
        assertThat(provider.problem("file:" + file)).isEmpty();
        assertThat(provider.problem("file:" + directory.resolve("a/b")).orElseThrow())
                .contains("the folder " + directory.resolve("a") + " does not exist");
        assertThat(provider.problem("file:" + folder).orElseThrow()).contains("not a regular file");
        Files.writeString(file, "");
        assertThat(provider.problem("file:" + file)).isEmpty();
        assertThat(provider.problem("file:" + file + "/x").orElseThrow()).contains("is not a folder");
        assertThat(provider.problem("file:").orElseThrow()).contains("names no file");
        assertThat(provider.problem("file://host/x").orElseThrow()).contains("names a host");
        assertThat(provider.problem("file:a\0b").orElseThrow()).contains("not a path");
    }

    @Test
    void servesFilesOnly() {
        assertThat(provider.serves("file:x")).isTrue();
        assertThat(provider.serves("FILE:///x")).isTrue();
        assertThat(provider.serves("http://x/")).isFalse();
    }
}
