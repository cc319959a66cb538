package dev.millrace.batch;

import dev.millrace.invoke.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The event {@code {"Records":[...]}} built from serialised records without copying them (spec 2.2, 7.1). */
public final class RecordsEvent {

    /** Largest event that Lambda's synchronous invoke takes: 6 MB (spec 2.1; not configurable). */
    public static final long MAXIMUM_BYTES = 6_291_456;

    private static final byte[] HEAD = "{\"Records\":[".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SEPARATOR = ",".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TAIL = "]".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END = "}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NO_MEMBERS = new byte[0];

    /** Bytes of an event without records. */
    public static final long FRAME_BYTES = (long) HEAD.length + TAIL.length + END.length;

    /** Bytes between two records. */
    public static final long SEPARATOR_BYTES = SEPARATOR.length;

    private RecordsEvent() {}

    /** The event of these records, in order. */
    public static Payload of(List<Payload> records) {
        return of(records, NO_MEMBERS);
    }

    /**
     * The event of these records with members behind them.
     *
     * @param members JSON, each member with a comma before it
     */
    public static Payload of(List<Payload> records, byte[] members) {
        List<byte[]> segments = new ArrayList<>(2 * records.size() + 4);
        segments.add(HEAD);
        for (Payload payload : records) {
            if (segments.size() > 1) {
                segments.add(SEPARATOR);
            }
            segments.add(payload.bytes());
        }
        segments.add(TAIL);
        if (members.length > 0) {
            segments.add(members);
        }
        segments.add(END);
        return Payload.of(segments);
    }
}
