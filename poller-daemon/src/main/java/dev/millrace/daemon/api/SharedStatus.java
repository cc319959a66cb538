package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.mapping.EventSourceMapping;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The mappings that nodes share, as the HTTP server shows them.
 *
 * @param mappings those that can be polled here, enabled or not
 * @param notPolled those that cannot
 * @param lastRead when their definitions were read last; null before the first time
 * @param outOfReachSince since when they cannot be read; null while they can
 * @param problem why; null while they can
 */
public record SharedStatus(
        List<EventSourceMapping> mappings,
        List<NotPolled> notPolled,
        @Nullable Instant lastRead,
        @Nullable Instant outOfReachSince,
        @Nullable String problem) {

    /** Before they are read for the first time. */
    public static final SharedStatus NOT_READ = new SharedStatus(List.of(), List.of(), null, null, null);

    /**
     * A definition that is not polled on this node.
     *
     * @param state in short
     * @param problems why
     */
    public record NotPolled(UUID mapping, String state, List<String> problems) {
        public NotPolled {
            problems = List.copyOf(problems);
        }
    }

    public SharedStatus {
        mappings = List.copyOf(mappings);
        notPolled = List.copyOf(notPolled);
    }

    /** Whether this node knows what to poll; what it knew counts while they are out of reach. */
    boolean isReady() {
        return lastRead != null;
    }

    String word() {
        if (outOfReachSince != null) {
            return "out of reach";
        }
        return lastRead == null ? "starting" : "read";
    }

    void describe(ObjectNode status) {
        status.put("State", word());
        if (lastRead != null) {
            status.put("LastRead", lastRead.toString());
        }
        if (outOfReachSince != null) {
            status.put("OutOfReachSince", outOfReachSince.toString());
            status.put("Problem", problem);
        }
        var list = status.putArray("NotPolled");
        for (NotPolled one : notPolled) {
            ObjectNode shown = list.addObject();
            shown.put("UUID", one.mapping().toString());
            shown.put("State", one.state());
            var problems = shown.putArray("Problems");
            one.problems().forEach(problems::add);
        }
    }
}
