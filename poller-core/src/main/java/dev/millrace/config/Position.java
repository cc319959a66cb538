package dev.millrace.config;

/**
 * Where a value stands in the configuration.
 *
 * @param file name of the file as the user gave it, or another name of the origin, such as {@code request body}
 * @param line line number from 1; 0 when the origin has no lines
 */
public record Position(String file, int line) {

    public static final Position UNKNOWN = new Position("", 0);

    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line;
    }
}
