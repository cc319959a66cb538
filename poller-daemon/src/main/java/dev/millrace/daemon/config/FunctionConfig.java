package dev.millrace.daemon.config;

import dev.millrace.function.AliasRouting;
import dev.millrace.function.BreakerSettings;
import dev.millrace.invoke.FunctionSettings;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A function with its versions and aliases.
 *
 * @param name 1 to 64 characters
 * @param versions by name; {@code $LATEST} is always there
 * @param aliases by name; every version they name is there
 */
public record FunctionConfig(
        String name,
        Map<String, FunctionVersion> versions,
        Map<String, AliasRouting> aliases,
        BreakerSettings breaker) {
    public FunctionConfig {
        versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
        aliases = Collections.unmodifiableMap(new LinkedHashMap<>(aliases));
    }

    /** Whether a mapping may name this function with the qualifier; null is a name without one. */
    public boolean hasQualifier(@Nullable String qualifier) {
        return qualifier == null || versions.containsKey(qualifier) || aliases.containsKey(qualifier);
    }

    /** How long an invocation through the qualifier may take: the longest timeout of the versions it may go to. */
    public Duration timeout(@Nullable String qualifier) {
        AliasRouting alias = qualifier == null ? null : aliases.get(qualifier);
        Set<String> names =
                alias != null ? alias.versions() : Set.of(qualifier == null ? FunctionSettings.LATEST : qualifier);
        return names.stream()
                .map(version -> Objects.requireNonNull(versions.get(version), version))
                .map(version -> version.settings().timeout())
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** The version that a function name without a qualifier means. */
    public FunctionVersion latest() {
        return Objects.requireNonNull(versions.get(FunctionSettings.LATEST), name);
    }
}
