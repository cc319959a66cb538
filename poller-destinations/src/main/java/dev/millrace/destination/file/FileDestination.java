package dev.millrace.destination.file;

import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that gets a line for each discard: the record with the event. Thread-safe. */
final class FileDestination implements Destination {

    private final Path file;
    private final FileWriter writer;

    FileDestination(Path file, FileWriter writer) {
        this.file = file;
        this.writer = writer;
    }

    @Override
    public void deliver(InvocationRecord record) throws DestinationException, InterruptedException {
        try {
            writer.write(record);
        } catch (IOException e) {
            throw new DestinationException(
                    "file:" + file + ": " + explained(e.getCause() == null ? e : e.getCause()), false, e);
        }
    }

    private String explained(Throwable cause) {
        return switch (cause) {
            case NoSuchFileException _ ->
                "the folder " + FileName.folder(file)
                        + " does not exist. Create it, writable for the daemon, or correct" + " the destination.";
            case AccessDeniedException _ -> "it may not be written to. Let the daemon's user write there.";
            default ->
                "it cannot be written: " + (cause.getMessage() == null ? cause : cause.getMessage())
                        + ". Check the disk and the folder.";
        };
    }

    /** Nothing to close: the file belongs to the provider, since other mappings may use it. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "FileDestination[" + file + "]";
    }
}
