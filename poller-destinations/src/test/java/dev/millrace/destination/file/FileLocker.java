package dev.millrace.destination.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that holds the lock of a file until it is ended, as another daemon would. */
final class FileLocker {

    /** Written once the lock is held. */
    static final char LOCKED = 'L';

    private FileLocker() {}

    /** Locks the file that is the only argument. */
    @SuppressWarnings("SystemOut") // How the test hears of it.
    public static void main(String[] arguments) throws IOException {
        try (FileChannel file =
                        FileChannel.open(Path.of(arguments[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            System.out.print(LOCKED);
            System.out.flush();
            // Ends with the test, even where nobody ends it.
            System.in.read();
        }
    }
}
