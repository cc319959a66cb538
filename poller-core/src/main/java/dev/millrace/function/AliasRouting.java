package dev.millrace.function;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which version an alias stands for.
 *
 * @param version the alias's {@code FunctionVersion}
 * @param additionalWeights {@code RoutingConfig.AdditionalVersionWeights}: version to its share, 0 to 1; the rest goes to
 *     {@code version}
 */
public record AliasRouting(String version, Map<String, Double> additionalWeights) {

    public AliasRouting {
        additionalWeights = Collections.unmodifiableMap(new LinkedHashMap<>(additionalWeights));
    }

    /** Every version it may choose. */
    public Set<String> versions() {
        Set<String> all = new LinkedHashSet<>(additionalWeights.keySet());
        all.removeIf(weighted -> additionalWeights.getOrDefault(weighted, 0.0) == 0);
        all.add(version);
        return all;
    }

    /** The version of the next invocation. */
    String choose(RandomGenerator random) {
        double left = additionalWeights.isEmpty() ? 0 : random.nextDouble();
        for (Map.Entry<String, Double> weighted : additionalWeights.entrySet()) {
            left -= weighted.getValue();
            if (left < 0) {
                return weighted.getKey();
            }
        }
        return version;
    }
}
