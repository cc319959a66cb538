package dev.millrace.daemon.config;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Knows which values must not be shown: what came from a {@code file:} reference or from a variable with a telling name,
 * what stands below a telling key, and passwords inside URLs. Not thread-safe.
 */
final class Secrets {

    static final String MASK = "********";

    private static final Pattern TELLING_NAME = Pattern.compile(
            "passw(or)?d|passphrase|secret|token|credential|authorization|cookie|(api|access|private|signing)[-_]?key",
            Pattern.CASE_INSENSITIVE);
    /** Names of files are no secrets, even where the file's content is one. */
    private static final Pattern FILE_NAME = Pattern.compile("(file|path|url|arn)$", Pattern.CASE_INSENSITIVE);

    private static final Pattern URL_PASSWORD = Pattern.compile("(?<=://)([^/@:\\s]*):([^/@\\s]+)@");

    private final Set<String> texts = new HashSet<>();
    private final boolean shown;

    Secrets() {
        this(false);
    }

    private Secrets(boolean shown) {
        this.shown = shown;
    }

    /** Masks nothing: for what is to be read again. */
    static Secrets shown() {
        return new Secrets(true);
    }

    /** Remembers a value; it is masked wherever it appears. */
    void add(String text) {
        if (!text.isEmpty()) {
            texts.add(text);
        }
    }

    static boolean isTelling(String name) {
        return TELLING_NAME.matcher(name).find() && !FILE_NAME.matcher(name).find();
    }

    /** The text as it may be shown below the key. */
    String mask(String key, String text) {
        if (text.isEmpty() || shown) {
            return text;
        }
        if (isTelling(key) || texts.contains(text)) {
            return MASK;
        }
        return URL_PASSWORD.matcher(text).replaceAll("$1:" + MASK + "@");
    }
}
