package dev.millrace.store;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.LeaseLostException;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardCheckpoint.Ahead;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process of its own that opens a store and saves numbered progress in it, shard by shard and thread by thread, and
 * prints what is durable.
 */
final class StoreProcess implements AutoCloseable {

    static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    static final int SHARDS = 8;

    /** Ends a line, so that one which was cut off in the middle of its number is known. */
    private static final String END = " .";

    private static final String OPENED = "opened";
    private static final String REFUSED = "refused ";

    private static final String STATE = "state of ";

    private final Process process;
    private final BufferedReader lines;

    private StoreProcess(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts the process, with a folder for temporary files. */
    static StoreProcess start(Path file, Path temporary) throws IOException {
        return new StoreProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreProcess.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    long pid() {
        return process.pid();
    }

    /** Waits until the store is open. */
    void awaitOpen() throws IOException {
        String line = lines.readLine();
        if (!OPENED.equals(line)) {
            throw new IllegalStateException("not opened: " + line);
        }
    }

    /** Waits until the store is refused, and answers why. */
    String awaitRefusal() throws IOException {
        String line = lines.readLine();
        if (line == null || !line.startsWith(REFUSED)) {
            throw new IllegalStateException("not refused: " + line);
        }
        return line.substring(REFUSED.length());
    }

    /** Notes the next save that the process says is durable; false at the end of its output. */
    boolean read(Map<String, Long> durable) throws IOException {
        String line = lines.readLine();
        if (line == null) {
            return false;
        }
        if (line.endsWith(END)) {
            String[] words = line.split(" ", -1);
            durable.put(words[0], Long.valueOf(words[1]));
        }
        return true;
    }

    /** Kills it as {@code kill -9} does. What it has printed can still be read. */
    void kill() throws InterruptedException {
        // The process's own method would close the stream of what it has printed.
        process.toHandle().destroyForcibly();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("process " + pid() + " does not die");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            // It dies all the same; nobody waits for that any more.
            Thread.currentThread().interrupt();
        }
        lines.close();
    }

    // ---- in the process ----

    /** Opens the file and saves until it is killed or nobody reads any more. */
    public static void main(String[] arguments) throws Exception {
        CheckpointStore store;
        try {
            store = SqliteCheckpointStore.open(Path.of(arguments[0]));
        } catch (StoreException e) {
            System.out.println(REFUSED + e.getMessage());
            return;
        }
        Map<String, ShardProgress> stored =
                store.load(MAPPING).map(MappingProgress::shards).orElse(Map.of());
        if (stored.isEmpty()) {
            store.create(MAPPING, new MappingProgress("arn", Instant.EPOCH, null, Map.of()), null);
        }
        System.out.println(OPENED);
        for (int i = 0; i < SHARDS; i++) {
            String shardId = "shard-" + i;
            long first = number(stored.get(shardId)) + 1;
            Thread.ofPlatform().start(() -> save(store, shardId, first));
        }
    }

    private static void save(CheckpointStore store, String shardId, long first) {
        try {
            for (long number = first; !System.out.checkError(); number++) {
                store.save(MAPPING, shardId, numbered(number));
                System.out.println(shardId + " " + number + END);
            }
        } catch (StoreException | LeaseLostException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        System.exit(1);
    }

    // ---- what it saves ----

    /** The progress with a number, from which every field follows; some have a window, with a state of up to 20 kB. */
    static ShardProgress numbered(long number) {
        @Nullable SequenceNumber[] marks = new SequenceNumber[(int) (number % 10) + 1];
        marks[0] = SequenceNumber.of(Long.toString(number + 1));
        return new ShardProgress(
                new ReadPosition.AtTimestamp(Instant.ofEpochSecond(number)),
                new ShardCheckpoint(
                        SequenceNumber.of(Long.toString(number)),
                        Instant.ofEpochSecond(number),
                        List.of(new Ahead(Keying.UNPACKED, Arrays.asList(marks)))),
                number % 3 == 0
                        ? new WindowProgress(Instant.ofEpochSecond(number), Payload.ofText((STATE + number).repeat((int)
                                        (number % 1_000))))
                        : null,
                number % 2 == 0);
    }

    /** The number of what is stored, after a look at whether all of it belongs together; 0 when nothing is. */
    static long number(@Nullable ShardProgress stored) {
        if (stored == null) {
            return 0;
        }
        long number = Long.parseLong(String.valueOf(stored.checkpoint().position()));
        if (!text(stored).equals(text(numbered(number)))) {
            throw new IllegalStateException("torn: " + text(stored) + " is not " + text(numbered(number)));
        }
        return number;
    }

    private static String text(ShardProgress progress) {
        WindowProgress window = progress.window();
        return progress + (window == null ? "" : window.state().text());
    }
}
