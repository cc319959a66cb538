package dev.millrace.quickstart;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Whether what belongs together was processed in the order in which it was sent. */
final class KeyOrder {

    /** One of many that are sent in the order of their numbers. */
    interface Numbered {

        int number();

        /** Those of the same key belong together. */
        String key();
    }

    private KeyOrder() {}

    /**
     * How many were processed behind a later one of their key.
     *
     * @param processed ids in the order of their first processing
     */
    static int outOfOrder(Set<String> processed, Function<String, Numbered> of) {
        Map<String, Integer> last = new HashMap<>();
        int late = 0;
        for (String id : processed) {
            Numbered one = of.apply(id);
            if (one.number() < last.getOrDefault(one.key(), -1)) {
                late++;
            } else {
                last.put(one.key(), one.number());
            }
        }
        return late;
    }
}
