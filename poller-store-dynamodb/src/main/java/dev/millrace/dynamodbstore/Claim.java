package dev.millrace.dynamodbstore;

import dev.millrace.invoke.Payload;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * That this node has taken a shard over, and what it last stored of the shard's window. Calls for one shard come one after
 * the other.
 */
final class Claim {

    private final MappingItem mapping;
    private final long epoch;
    private final String owner;
    private final Instant since;

    /** The state that is stored, and where; both null when no window is open or it is not known. */
    private @Nullable Payload state;

    private @Nullable String place;
    private int states;

    Claim(MappingItem mapping, long epoch, String owner, Instant since) {
        this.mapping = mapping;
        this.epoch = epoch;
        this.owner = owner;
        this.since = since;
    }

    MappingItem mapping() {
        return mapping;
    }

    long epoch() {
        return epoch;
    }

    String owner() {
        return owner;
    }

    Instant since() {
        return since;
    }

    // ---- the window's state ----

    /** Whether this very state is stored already: payloads are equal only to themselves. */
    boolean hasStored(Payload candidate) {
        return Objects.equals(state, candidate);
    }

    @Nullable
    String place() {
        return place;
    }

    /** A place for one more state, that nobody has used. */
    String newPlace() {
        states++;
        return epoch + "-" + states;
    }

    void stored(@Nullable Payload stored, @Nullable String where) {
        state = stored;
        place = where;
    }
}
