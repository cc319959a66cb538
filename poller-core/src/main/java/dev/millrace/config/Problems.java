package dev.millrace.config;

import java.util.ArrayList;
import java.util.List;

/** Collects everything wrong with a configuration, so that the user sees it all in one message. Not thread-safe. */
public final class Problems {

    /** One finding: where, at which key path, and what to do about it. */
    public record Problem(Position position, String path, String message) {
        @Override
        public String toString() {
            String where = path.isEmpty() ? position.toString() : position + ": " + path;
            return where + ": " + message;
        }
    }

    private final List<Problem> problems = new ArrayList<>();

    /**
     * Adds a finding.
     *
     * @param path of the key, such as {@code Api.Port}; empty when it is the whole file
     * @param message what is wrong and what to do about it, to be read behind the path
     */
    public void add(Position position, String path, String message) {
        problems.add(new Problem(position, path, message));
    }

    public boolean isEmpty() {
        return problems.isEmpty();
    }

    /** Everything found so far, in the order of finding. */
    public List<Problem> all() {
        return List.copyOf(problems);
    }
}
