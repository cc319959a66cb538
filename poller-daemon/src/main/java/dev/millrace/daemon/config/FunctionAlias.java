package dev.millrace.daemon.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A name for one or more versions of a function.
 *
 * @param name 1 to 128 characters, not a number
 * @param functionVersion the version that gets what the others leave
 * @param additionalVersionWeights version to its share of the invocations, 0 to 1; their sum is at most 1
 */
public record FunctionAlias(String name, String functionVersion, Map<String, Double> additionalVersionWeights) {
    public FunctionAlias {
        additionalVersionWeights = Collections.unmodifiableMap(new LinkedHashMap<>(additionalVersionWeights));
    }
}
