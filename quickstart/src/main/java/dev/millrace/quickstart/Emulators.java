package dev.millrace.quickstart;

import java.nio.file.Path;

/** Where the repository's emulators are. */
final class Emulators {

    /** The launcher sets it. */
    private static final String FOLDER_PROPERTY = "millrace.emulators";

    private Emulators() {}

    static Path folder() {
        return Path.of(System.getProperty(FOLDER_PROPERTY, "emulators"));
    }
}
