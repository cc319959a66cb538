package dev.millrace.mapping;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user asked for: the members of a mapping that were sent, and no others. Whether a member was sent matters, since
 * AWS refuses members that do not apply to the kind of source, whatever their value, and leaves absent ones unchanged
 * in an update (spec 1.1, 1.3). Immutable.
 */
public final class MappingRequest {

    private final Map<MappingMember<?>, Object> members;

    private MappingRequest(Map<MappingMember<?>, Object> members) {
        this.members = Map.copyOf(members);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The member's value, or empty when it was not sent. */
    @SuppressWarnings("unchecked") // Builder.set is the only writer and ties the value's type to the member's.
    public <T> Optional<T> get(MappingMember<T> member) {
        return Optional.ofNullable((T) members.get(member));
    }

    public boolean has(MappingMember<?> member) {
        return members.containsKey(member);
    }

    /** Everything that was sent. */
    public Set<MappingMember<?>> members() {
        return members.keySet();
    }

    /** Collects members; one thread, one use. */
    public static final class Builder {

        private final Map<MappingMember<?>, Object> members = new LinkedHashMap<>();

        private Builder() {}

        public <T> Builder set(MappingMember<T> member, T value) {
            members.put(member, value);
            return this;
        }

        public MappingRequest build() {
            return new MappingRequest(members);
        }
    }

    /** {@code ScalingConfig}; empty clears it. */
    public record Scaling(OptionalInt maximumConcurrency) {}

    /**
     * {@code ProvisionedPollerConfig}; all absent means on-demand pollers.
     *
     * @param hasPollerGroupName {@code PollerGroupName} was sent; only Kafka has it
     */
    public record ProvisionedPollers(OptionalInt minimum, OptionalInt maximum, boolean hasPollerGroupName) {
        boolean isEmpty() {
            return minimum.isEmpty() && maximum.isEmpty();
        }
    }

    /**
     * {@code DestinationConfig}.
     *
     * @param onFailure {@code OnFailure.Destination}; null or empty means none
     * @param hasOnSuccess {@code OnSuccess} was sent; no mapping has it
     */
    public record Destinations(@Nullable String onFailure, boolean hasOnSuccess) {}

    /**
     * Our own section {@code Millrace}.
     *
     * @param given the options that were sent; those that do not apply to the source are refused, whatever their value
     * @param values all of them, with defaults for those that were not sent
     */
    public record Options(Set<MappingOption> given, MappingOptions values) {
        public Options {
            given = Set.copyOf(given);
        }
    }
}
