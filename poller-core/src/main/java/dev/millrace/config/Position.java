package dev.millrace.config;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a value stands in the configuration.
 *
 * @param file name of the file as the user gave it, or another name of the origin, such as {@code request body}
 * @param line line number from 1; 0 when the origin has no lines
 */
public record Position(String file, int line) {

    public static final Position UNKNOWN = new Position("", 0);

    /** The file's folder, which relative paths in it count from; the working directory when the origin is no file. */
    public Path directory() {
        return Objects.requireNonNullElse(Path.of(file).getParent(), Path.of(""));
    }

    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line;
    }
}
