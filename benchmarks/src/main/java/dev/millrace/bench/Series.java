package dev.millrace.bench;

import java.util.List;
import java.util.Locale;

/**
 * Repeated measurements of one figure.
 *
 * @param values at least one
 */
public record Series(List<Double> values) {
    public Series {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a series needs a value");
        }
        values = values.stream().sorted().toList();
    }

    public double median() {
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }

    /** Median and, when there is more than one value, range; {@code format} is {@link String#format}'s for one number. */
    public String show(String format) {
        String middle = String.format(Locale.ROOT, format, median());
        return values.size() == 1
                ? middle
                : String.format(
                        Locale.ROOT,
                        "%s (" + format + " to " + format + ")",
                        middle,
                        values.getFirst(),
                        values.getLast());
    }
}
