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
    private static final byte[] TAIL = "]}".getBytes(StandardCharsets.UTF_8);

    /** Bytes of an event without records. */
    public static final long FRAME_BYTES = (long) HEAD.length + TAIL.length;

    /** Bytes between two records. */
    public static final long SEPARATOR_BYTES = SEPARATOR.length;

    private RecordsEvent() {}

    /** The event of these records, in order. */
    public static Payload of(List<Payload> records) {
        List<byte[]> segments = new ArrayList<>(2 * records.size() + 1);
        byte[] before = HEAD;
        for (Payload payload : records) {
            segments.add(before);
            segments.add(payload.bytes());
            before = SEPARATOR;
        }
        segments.add(TAIL);
        return Payload.of(segments);
    }
}
