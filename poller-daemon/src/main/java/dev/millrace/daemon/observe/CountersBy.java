package dev.millrace.daemon.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * One counter for each constant of an enum, told apart by a label.
 *
 * @param <E> what is counted apart
 */
final class CountersBy<E extends Enum<E>> {

    private final Map<E, Counter> counters;

    /**
     * Makes every counter at once, so that each begins at 0.
     *
     * @param label the name of the label that holds the constant
     * @param tags the other labels
     * @param register makes the counter with these labels
     */
    CountersBy(Class<E> type, String label, Tags tags, Function<Tags, Counter> register) {
        counters = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            counters.put(constant, register.apply(tags.and(label, spelt(constant))));
        }
    }

    /** A constant as labels spell it: {@code access_denied}. */
    static String spelt(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    void increment(E key, int amount) {
        Objects.requireNonNull(counters.get(key), () -> "no counter for " + key).increment(amount);
    }
}
