package dev.millrace.batch;

import dev.millrace.invoke.Payload;
import java.util.ArrayList;
import java.util.List;

/** The event {@code {"Records":[...]}} built from serialised records without copying them (spec 2.2, 7.1). */
public final class RecordsEvent {

    /** Largest event that Lambda's synchronous invoke takes: 6 MB (spec 2.1; not configurable). */
    public static final long MAXIMUM_BYTES = 6_291_456;

    private static final Payload HEAD = Payload.ofText("{\"Records\":[");
    private static final Payload SEPARATOR = Payload.ofText(",");
    private static final Payload TAIL = Payload.ofText("]");
    private static final Payload END = Payload.ofText("}");

    /** Bytes of an event without records. */
    public static final long FRAME_BYTES = HEAD.size() + TAIL.size() + END.size();

    /** Bytes between two records. */
    public static final long SEPARATOR_BYTES = SEPARATOR.size();

    private RecordsEvent() {}

    /** The event of these records, in order. */
    public static Payload of(List<Payload> records) {
        return of(records, Payload.EMPTY);
    }

    /**
     * The event of these records with members behind them.
     *
     * @param members JSON, each member with a comma before it
     */
    public static Payload of(List<Payload> records, Payload members) {
        List<Payload> parts = new ArrayList<>(2 * records.size() + 4);
        parts.add(HEAD);
        for (Payload payload : records) {
            if (parts.size() > 1) {
                parts.add(SEPARATOR);
            }
            parts.add(payload);
        }
        parts.add(TAIL);
        parts.add(members);
        parts.add(END);
        return Payload.joined(parts);
    }
}
