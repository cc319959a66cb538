package dev.millrace.destination.file;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Reads destinations such as {@code file:/var/lib/millrace/discards.jsonl}: what follows the colon is a path, not encoded. */
final class FileName {

    private static final String SCHEME = "file:";

    /** What {@code file:///path} has before the path. */
    private static final String NO_HOST = "//";

    private FileName() {}

    static boolean isOne(String destination) {
        return destination.toLowerCase(Locale.ROOT).startsWith(SCHEME);
    }

    /**
     * The file, with its whole path.
     *
     * @throws IllegalArgumentException when the destination has a {@link #problem}
     */
    static Path of(String destination) {
        String text = destination.substring(SCHEME.length()).strip();
        if (text.startsWith(NO_HOST + "/")) {
            text = text.substring(NO_HOST.length());
        } else if (text.startsWith(NO_HOST)) {
            throw new IllegalArgumentException(
                    "'" + destination + "' names a host; write file:/PATH for a file of this machine");
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException("'" + destination + "' names no file; write file:/PATH");
        }
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + destination + "' is not a path: " + e.getReason(), e);
        }
    }

    /** Why records cannot be written there, as far as looking at the folder tells. */
    static Optional<String> problem(String destination) {
        Path file;
        try {
            file = of(destination);
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return problem(file);
    }

    private static Optional<String> problem(Path file) {
        Path folder = folder(file);
        if (!Files.exists(folder)) {
            return Optional.of("the folder " + folder + " does not exist; create it, writable for the daemon");
        }
        if (!Files.isDirectory(folder)) {
            return Optional.of(folder + " is not a folder");
        }
        if (!Files.exists(file)) {
            return Files.isWritable(folder)
                    ? Optional.empty()
                    : Optional.of("the folder " + folder + " is not writable; let the daemon's user write there");
        }
        if (!Files.isRegularFile(file)) {
            return Optional.of(file + " is not a regular file");
        }
        return Files.isWritable(file)
                ? Optional.empty()
                : Optional.of(file + " is not writable; let the daemon's user write to it");
    }

    /** The folder that holds the file. */
    static Path folder(Path file) {
        return Objects.requireNonNullElse(file.getParent(), file);
    }
}
