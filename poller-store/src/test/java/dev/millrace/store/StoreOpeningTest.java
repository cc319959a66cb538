package dev.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.config.Section;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files are opened, and what is said of the others, which stay as they are. */
class StoreOpeningTest {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final int PAGE = 4096;

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("millrace.db");
    }

    // ---- one process ----

    @Test
    void refusesASecondOpenInThisProcess() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), file());
        try (CheckpointStore _ = SqliteCheckpointStore.open(file())) {
            for (Path path : new Path[] {file(), link, folder.resolve("x/../millrace.db")}) {
                assertRefused(path, "in use by this process", file().toString(), "stop that one first");
            }
        }
        SqliteCheckpointStore.open(link).close();
    }

    @Test
    void closingAStoreTwiceDoesNotUnlockTheNextOne() throws Exception {
        CheckpointStore first = SqliteCheckpointStore.open(file());
        first.close();
        try (CheckpointStore _ = SqliteCheckpointStore.open(file())) {
            first.close();

            assertRefused(file(), "in use by this process");
        }
    }

    @Test
    void refusesTheFileOfAnotherProcessUntilThatOneIsDead() throws Exception {
        try (StoreProcess other = StoreProcess.start(file(), folder)) {
            other.awaitOpen();
            assertRefused(
                    file(), "in use by process " + other.pid() + " since 20", file().toString(), "file of its own");

            other.kill();

            SqliteCheckpointStore.open(file()).close();
        }
    }

    @Test
    void tellsAnotherProcessThatThisOneHasTheFile() throws Exception {
        try (CheckpointStore _ = SqliteCheckpointStore.open(file());
                StoreProcess other = StoreProcess.start(file(), folder)) {
            assertThat(other.awaitRefusal())
                    .contains("in use by process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void refusesAFileInUseEvenWhenSomebodyHasDeletedTheLock() throws Exception {
        try (CheckpointStore store = SqliteCheckpointStore.open(file())) {
            store.create(MAPPING, new MappingProgress("arn", Instant.EPOCH, null, Map.of()), null);
            Files.delete(StoreFile.at(file()).lock());
            try (StoreProcess other = StoreProcess.start(file(), folder)) {
                assertThat(other.awaitRefusal()).contains("another program has it open");
            }
            store.save(MAPPING, "shard", ShardProgress.skipped(Instant.EPOCH));
        }
    }

    @Test
    void closedStoreIsOneFileAndAnEmptyLock() throws Exception {
        filledStore();

        assertThat(contents().keySet()).containsExactlyInAnyOrder("millrace.db", "millrace.db.lock");
        assertThat(folder.resolve("millrace.db.lock")).isEmptyFile();
    }

    // ---- files that are refused ----

    @Test
    void refusesAnEmptyFile() throws Exception {
        Files.createFile(file());

        assertRefusedUntouched("is empty", "restore a backup");
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws Exception {
        Files.writeString(file(), "Functions:\n  orders: {}\n".repeat(100));

        assertRefusedUntouched("is not an SQLite database", "name another file");
    }

    @Test
    void refusesADatabaseOfAnotherProgram() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            run(connection, "PRAGMA application_id = 42", "CREATE TABLE theirs (a)");
        }

        assertRefusedUntouched("database of another program (application_id 42)");
    }

    @Test
    void refusesADatabaseWithoutAnApplication() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            run(connection, "CREATE TABLE theirs (a)");
        }

        assertRefusedUntouched("database of another program (application_id 0)");
    }

    @Test
    void refusesTheStoreOfANewerVersion() throws Exception {
        filledStore();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            run(connection, "PRAGMA user_version = 99");
        }

        assertRefusedUntouched("newer Millrace", "its format is 99, this one knows " + Schema.VERSION);
    }

    @Test
    void refusesTheStoreOfANewerVersionThatWasKilledBeforeItsHeaderWasWritten() throws Exception {
        filledStore();
        Path killed = Files.createDirectory(folder.resolve("killed")).resolve("millrace.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            run(connection, "PRAGMA journal_mode = WAL", "PRAGMA user_version = 99");
            Files.copy(file(), killed);
            Files.copy(StoreFile.at(file()).wal(), StoreFile.at(killed).wal());
        }

        assertUntouched(folder.resolve("killed"), () -> assertRefused(killed, "its format is 99"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 99, 100, 1_000, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 5 * PAGE + 17, 11 * PAGE})
    void refusesATornFile(int length) throws Exception {
        filledStore();
        byte[] whole = Files.readAllBytes(file());
        assertThat(whole).hasSizeGreaterThan(12 * PAGE);
        Files.write(file(), Arrays.copyOf(whole, length));

        assertRefusedUntouched(file().toString(), "restore a backup");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 10})
    void refusesAFileWithADamagedPage(int page) throws Exception {
        filledStore();
        byte[] damaged = Files.readAllBytes(file());
        Arrays.fill(damaged, page * PAGE, page * PAGE + 200, (byte) 0x5A);
        Files.write(file(), damaged);

        assertRefusedUntouched("is damaged", "restore a backup");
    }

    @Test
    void refusesADamagedFileWithALogAndKeepsTheLog() throws Exception {
        try (StoreProcess process = StoreProcess.start(file(), folder)) {
            process.awaitOpen();
            Map<String, Long> durable = new HashMap<>();
            while (durable.size() < StoreProcess.SHARDS) {
                process.read(durable);
            }
            process.kill();
        }
        byte[] damaged = Files.readAllBytes(file());
        ByteBuffer.wrap(damaged).position(PAGE).put(new byte[damaged.length - PAGE]);
        Files.write(file(), damaged);
        assertThat(StoreFile.at(file()).wal()).isNotEmptyFile();

        assertRefusedUntouched("is damaged", "restore a backup");
    }

    @Test
    void refusesALogWithoutItsFile() throws Exception {
        Files.writeString(StoreFile.at(file()).wal(), "committed");

        assertRefusedUntouched("millrace.db is gone", "millrace.db-wal is there");
    }

    // ---- places that are refused ----

    @Test
    void refusesAFolderThatDoesNotExist() {
        assertRefused(folder.resolve("missing/millrace.db"), "directory " + folder.resolve("missing"), "create it");
    }

    @Test
    void refusesAFolder() {
        assertRefused(folder, "is a directory", "name a file");
        assertRefused(Path.of("/"), "is a directory");
    }

    @Test
    void refusesALinkToNothing() throws IOException {
        Files.createSymbolicLink(file(), folder.resolve("nothing"));

        assertRefused(file(), "link to a file that does not exist");
    }

    @Test
    void refusesAFileThatMayNotBeWritten() throws Exception {
        filledStore();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("r--r--r--"));
        assumeThat(Files.isWritable(file()))
                .as("a user who may write everything")
                .isFalse();

        assertRefusedUntouched("cannot be read and written", "the right to read and write " + file());
    }

    @Test
    void refusesAFolderThatMayNotBeWritten() throws Exception {
        filledStore();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeThat(Files.isWritable(folder))
                    .as("a user who may write everything")
                    .isFalse();
            assertRefusedUntouched("cannot be written", "the right to read and write " + folder);
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void refusesAFolderInWhichNothingCanBeCreated() {
        Path nowhere = Path.of("/proc/self");
        assumeThat(nowhere).isDirectory();

        assertRefused(nowhere.resolve("millrace.db"), "/proc");
    }

    // ---- files that are opened ----

    @ParameterizedTest
    @ValueSource(strings = {"a b", "100%25?mode=ro#x&", "Größe-世界", "semi;colon'quote\""})
    void opensAFileOfAnyName(String name) throws Exception {
        Path file = Files.createDirectory(folder.resolve(name)).resolve(name + ".db");
        MappingProgress created = new MappingProgress("arn", Instant.EPOCH, null, Map.of());
        try (CheckpointStore store = SqliteCheckpointStore.open(file)) {
            store.create(MAPPING, created, null);
        }
        try (CheckpointStore store = SqliteCheckpointStore.open(file)) {
            assertThat(store.load(MAPPING)).contains(created);
        }
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void opensACopyMadeBySqlite() throws Exception {
        filledStore();
        Path copy = folder.resolve("copy.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            run(connection, "VACUUM INTO '" + copy + "'");
        }

        try (CheckpointStore store = SqliteCheckpointStore.open(copy)) {
            assertThat(store.load(MAPPING).orElseThrow().shards()).hasSize(500);
        }
    }

    @Test
    void createsAnewWhatACrashLeftUnfinished() throws Exception {
        Files.writeString(StoreFile.at(file()).draft().path(), "half");

        SqliteCheckpointStore.open(file()).close();

        assertThat(contents().keySet()).containsExactlyInAnyOrder("millrace.db", "millrace.db.lock");
    }

    @Test
    void marksTheFileAsItsOwn() throws Exception {
        SqliteCheckpointStore.open(file()).close();

        ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(file()));
        assertThat(new String(header.array(), 68, 4, StandardCharsets.US_ASCII)).isEqualTo("Mill");
        assertThat(header.getInt(60)).isEqualTo(Schema.VERSION);
    }

    /** Lanes without the keys that they are of could cover records that nobody has settled. */
    @Test
    void forgetsTheLanesOfAVersionThatDidNotSayByWhichKeysTheyAre() throws Exception {
        ShardCheckpoint settled = new ShardCheckpoint(SequenceNumber.of("41"), Instant.EPOCH, List.of());
        ShardProgress shard = new ShardProgress(new ReadPosition.TrimHorizon(), settled, null, false);
        try (CheckpointStore store = SqliteCheckpointStore.open(file())) {
            store.create(MAPPING, new MappingProgress("arn", Instant.EPOCH, null, Map.of("shard", shard)), null);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            run(connection, "UPDATE shards SET ahead = '42,,44:3;45'", "PRAGMA user_version = 1");
        }

        try (CheckpointStore store = SqliteCheckpointStore.open(file())) {
            assertThat(store.load(MAPPING).orElseThrow().shards()).isEqualTo(Map.of("shard", shard));
        }
        assertThat(ByteBuffer.wrap(Files.readAllBytes(file())).getInt(60)).isEqualTo(Schema.VERSION);
    }

    @Test
    void unpacksItsLibraryBesideTheStoreWhereThereIsNoFolderForTemporaryFiles() throws Exception {
        try (StoreProcess process = StoreProcess.start(file(), folder.resolve("missing"))) {
            process.awaitOpen();
        }

        assertThat(contents().keySet()).containsExactlyInAnyOrder("millrace.db", "millrace.db-wal", "millrace.db.lock");
    }

    @Test
    void isFoundAsAService() throws Exception {
        CheckpointStoreProvider provider =
                ServiceLoader.load(CheckpointStoreProvider.class).findFirst().orElseThrow();

        Map<String, ConfigNode> entries = Map.of("Path", new ConfigNode.Scalar(file().toString(), Position.UNKNOWN));
        Section section = new Section("Store", new ConfigNode.Mapping(entries, Position.UNKNOWN), new Problems());
        AwsSettings aws = new AwsSettings("us-east-1", "000000000000", Map.of());
        try (CheckpointStore store = provider.configure(section, aws).open("node")) {
            assertThat(store.load(MAPPING)).isEmpty();
        }
    }

    // ---- what the tests are made of ----

    private void filledStore() throws Exception {
        Map<String, ShardProgress> shards = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            shards.put("shardId-00000000" + i, ShardProgress.startingAt(new ReadPosition.AtTimestamp(Instant.EPOCH)));
        }
        try (CheckpointStore store = SqliteCheckpointStore.open(file())) {
            store.create(MAPPING, new MappingProgress("arn", Instant.EPOCH, null, shards), null);
        }
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static void assertRefused(Path path, String... said) {
        assertThatThrownBy(() -> SqliteCheckpointStore.open(path))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll(said);
    }

    private void assertRefusedUntouched(String... said) throws Exception {
        assertUntouched(folder, () -> assertRefused(file(), said));
    }

    private interface Attempt {
        void make() throws Exception;
    }

    private static void assertUntouched(Path folder, Attempt attempt) throws Exception {
        Map<String, ByteBuffer> before = contents(folder);
        attempt.make();
        attempt.make();
        Map<String, ByteBuffer> after = contents(folder);
        after.remove("millrace.db.lock");
        before.remove("millrace.db.lock");
        assertThat(after).isEqualTo(before);
    }

    private Map<String, ByteBuffer> contents() throws IOException {
        return contents(folder);
    }

    private static Map<String, ByteBuffer> contents(Path folder) throws IOException {
        Map<String, ByteBuffer> contents = new HashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file.getFileName().toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
            }
        }
        return contents;
    }
}
