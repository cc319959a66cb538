package dev.millrace.config;

import java.util.Locale;
import java.util.Set;

/** The spellings of one key: CloudFormation's ({@code BatchSize}) and lowerCamel ({@code batchSize}). */
final class KeySpelling {

    private KeySpelling() {}

    /** The spelling of {@code key} that is among the present keys; the key itself when none is. */
    static String written(String key, Set<String> present) {
        if (present.contains(key)) {
            return key;
        }
        String lowerCamel = lowerCamel(key);
        return present.contains(lowerCamel) ? lowerCamel : key;
    }

    /** {@code BatchSize} to {@code batchSize}, {@code KMSKeyArn} to {@code kmsKeyArn}, {@code UUID} to {@code uuid}. */
    static String lowerCamel(String key) {
        int capitals = 0;
        while (capitals < key.length() && Character.isUpperCase(key.charAt(capitals))) {
            capitals++;
        }
        // The last capital of a run begins the next word, unless the run is the whole key or a single letter.
        int lowered = capitals > 1 && capitals < key.length() ? capitals - 1 : capitals;
        return key.substring(0, lowered).toLowerCase(Locale.ROOT) + key.substring(lowered);
    }
}
