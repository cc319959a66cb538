package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native library. Left to itself the driver unpacks it from its jar and leaves 1 MB behind for every process
 * that is killed; so it is unpacked here, into a folder that is deleted as soon as the library is loaded.
 *
 * <p>Tried are the folder in the system property {@code org.sqlite.tmpdir} (or else {@code java.io.tmpdir}), then the
 * store's own: a container with a read-only or noexec temporary folder needs no setting. With {@code
 * org.sqlite.lib.path} the library is taken from that folder, and nothing is unpacked.
 */
final class NativeLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    private static final String FOLDER = "org.sqlite.tmpdir";
    private static final String INSTALLED = "org.sqlite.lib.path";

    private static boolean loaded;

    private NativeLibrary() {}

    /**
     * Loads the library, once in a process.
     *
     * @param last the folder to unpack it in when no other one will do
     */
    static synchronized void load(Path last) throws StoreException {
        if (loaded) {
            return;
        }
        if (System.getProperty(INSTALLED) != null) {
            loadInstalled();
        } else {
            loadUnpacked(last);
        }
        loaded = true;
    }

    private static void loadInstalled() throws StoreException {
        try {
            open();
        } catch (SQLException e) {
            throw new StoreException(
                    "SQLite's library cannot be loaded from " + INSTALLED + "=" + System.getProperty(INSTALLED), e);
        }
    }

    private static void loadUnpacked(Path last) throws StoreException {
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(Path.of(System.getProperty(FOLDER, System.getProperty("java.io.tmpdir"))));
        folders.add(last);
        StoreException failure = new StoreException("SQLite's library cannot be unpacked and loaded in any of "
                + folders + "; name a folder that is writable and not mounted noexec with -D" + FOLDER + "=...");
        for (Path folder : folders) {
            try {
                loadUnpackedIn(folder);
                return;
            } catch (IOException | UnsatisfiedLinkError | SQLException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    @SuppressWarnings("restricted") // The driver does the same, but only once: it does not go on to the next folder.
    private static void loadUnpackedIn(Path folder) throws IOException, SQLException {
        Path own = Files.createTempDirectory(folder, "millrace-sqlite-");
        String before = System.getProperty(FOLDER);
        try {
            Path library = own.resolve(LibraryLoaderUtil.getNativeLibName());
            unpack(library);
            System.load(library.toString());
            System.setProperty(INSTALLED, own.toString());
            // Where the driver looks for what others have left behind: not in the folder that may be missing.
            System.setProperty(FOLDER, own.toString());
            open();
        } finally {
            System.clearProperty(INSTALLED);
            if (before == null) {
                System.clearProperty(FOLDER);
            } else {
                System.setProperty(FOLDER, before);
            }
            delete(own.toFile());
        }
    }

    private static void unpack(Path library) throws IOException {
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + library.getFileName();
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("there is none for this system: " + resource + " is missing");
            }
            Files.copy(in, library);
        }
    }

    /** The driver loads the library with its first connection; what is loaded already is not loaded again. */
    private static void open() throws SQLException {
        DriverManager.getConnection("jdbc:sqlite::memory:").close();
    }

    private static void delete(File folder) {
        File[] files = folder.listFiles();
        boolean deleted = true;
        for (File file : files == null ? new File[0] : files) {
            deleted &= file.delete();
        }
        if (!(folder.delete() && deleted)) {
            // Windows keeps a loaded library until the process ends.
            LOG.atDebug().addKeyValue("folder", folder).log("unpacked SQLite library not deleted");
        }
    }
}
