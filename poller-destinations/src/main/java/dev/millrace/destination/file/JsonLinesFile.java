package dev.millrace.destination.file;

import dev.millrace.failure.InvocationRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file of JSON documents, one a line. Each append opens the file anew, so that it may be moved away or deleted at any
 * time, and holds the operating system's lock on it, so that several processes may share it. Not for two threads at a time.
 */
final class JsonLinesFile {

    /** The JDK copies what it writes into memory of its own, and keeps that. */
    private static final int CHUNK = 64 * 1024;

    private static final byte[] NEW_LINE = {'\n'};

    private final Path path;

    JsonLinesFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /**
     * Appends the records, with their events; they survive a crash of the host once this returns. When it fails, none of them
     * stays, as far as the file can still be cut. Serialises one record at a time, since each may take 13 MB.
     */
    void append(List<InvocationRecord> records) throws IOException {
        try (FileChannel file = FileChannel.open(
                        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            long end = file.size();
            try {
                file.position(end);
                if (end > 0 && !endsItsLine(file, end)) {
                    // The torn last line of a crash stays one line, and spoils no other.
                    write(file, NEW_LINE);
                }
                for (InvocationRecord record : records) {
                    write(file, record.withPayload().bytes());
                    write(file, NEW_LINE);
                }
                file.force(true);
                if (end == 0) {
                    forceFolder();
                }
            } catch (IOException e) {
                cut(file, end, e);
                throw e;
            }
        }
    }

    private static boolean endsItsLine(FileChannel file, long end) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        return file.read(last, end - 1) == 1 && last.get(0) == NEW_LINE[0];
    }

    private static void write(FileChannel file, byte[] bytes) throws IOException {
        int from = 0;
        while (from < bytes.length) {
            from += file.write(ByteBuffer.wrap(bytes, from, Math.min(CHUNK, bytes.length - from)));
        }
    }

    /** The file's name is in its folder, which is written on its own. */
    private void forceFolder() throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel folder = FileChannel.open(FileName.folder(path), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    private static void cut(FileChannel file, long end, IOException failure) {
        try {
            file.truncate(end);
        } catch (IOException e) {
            // What is left behind is not reported as written; the next append begins on a line of its own.
            failure.addSuppressed(e);
        }
    }
}
