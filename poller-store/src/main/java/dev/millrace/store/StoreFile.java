package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Where a store lives: its file, and the files that SQLite and we keep beside it.
 *
 * @param path absolute, without symbolic links, so that one file has one name
 */
record StoreFile(Path path) {

    /**
     * The store at this path, whether it exists or not.
     *
     * @throws StoreException when no store can be there
     */
    static StoreFile at(Path path) throws StoreException {
        Path absolute = path.toAbsolutePath().normalize();
        Path directory = absolute.getParent();
        if (directory == null || Files.isDirectory(absolute)) {
            throw new StoreException("the store " + absolute + " is a directory; name a file");
        }
        if (!Files.isDirectory(directory)) {
            throw new StoreException("the store's directory " + directory + " does not exist; create it");
        }
        try {
            if (Files.exists(absolute)) {
                return writable(new StoreFile(absolute.toRealPath()));
            }
            if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
                throw new StoreException("the store " + absolute + " is a link to a file that does not exist");
            }
            return writable(new StoreFile(directory.toRealPath().resolve(absolute.getFileName())));
        } catch (IOException e) {
            throw new StoreException("the store " + absolute + " cannot be reached: " + e, e);
        }
    }

    private static StoreFile writable(StoreFile file) throws StoreException {
        if (!Files.isWritable(file.directory())) {
            throw new StoreException(
                    "the store's directory " + file.directory() + " cannot be written, and SQLite keeps its"
                            + " log beside " + file.name() + "; " + whoseRight(file.directory()));
        }
        if (file.exists() && !(Files.isReadable(file.path) && Files.isWritable(file.path))) {
            throw new StoreException("the store " + file + " cannot be read and written; " + whoseRight(file.path));
        }
        return file;
    }

    private static String whoseRight(Path path) {
        return "give " + System.getProperty("user.name") + " the right to read and write " + path
                + ", on a file system that is mounted for writing";
    }

    Path directory() {
        return path.resolveSibling("");
    }

    String name() {
        return String.valueOf(path.getFileName());
    }

    boolean exists() {
        return Files.exists(path);
    }

    /** What is committed and not yet in the file. */
    Path wal() {
        return path.resolveSibling(name() + "-wal");
    }

    /** The file that a process locks as long as it uses the store; it stays, empty, when nobody does. */
    Path lock() {
        return path.resolveSibling(name() + ".lock");
    }

    /** A store that is being created, not yet under its name. */
    StoreFile draft() {
        return new StoreFile(path.resolveSibling(name() + ".new"));
    }

    /** Deletes the file and what SQLite keeps beside it. */
    void delete() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(wal());
        Files.deleteIfExists(path.resolveSibling(name() + "-journal"));
    }

    /** Gives the draft its name, in a way that survives a crash. */
    void publish(StoreFile draft) throws IOException {
        Files.move(draft.path, path, StandardCopyOption.ATOMIC_MOVE);
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory(), StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /**
     * The address for the driver.
     *
     * @param parameters of SQLite's file names
     */
    String url(String parameters) {
        return "jdbc:sqlite:" + path.toUri().toASCIIString() + "?" + parameters;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
