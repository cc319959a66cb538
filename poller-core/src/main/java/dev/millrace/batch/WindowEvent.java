package dev.millrace.batch;

import dev.millrace.invoke.Payload;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The event of an invocation within a tumbling window (spec 5). */
public final class WindowEvent {

    private static final byte[] START = ascii(",\"window\":{\"start\":");
    private static final byte[] END = ascii(",\"end\":");
    private static final byte[] STATE = ascii("},\"state\":");
    private static final byte[] SHARD = ascii(",\"shardId\":");
    private static final byte[] SOURCE = ascii(",\"eventSourceARN\":");
    private static final byte[] FINAL = ascii(",\"isFinalInvokeForWindow\":");
    private static final byte[] EARLY = ascii(",\"isWindowTerminatedEarly\":");
    private static final int CAPACITY = 512;

    private WindowEvent() {}

    /** The event of these records, in order; none in the final invocation of a window. */
    public static Payload of(List<Payload> records, WindowCall window, String shardId, String eventSourceArn) {
        byte[] members = new JsonBuffer(CAPACITY)
                .raw(START)
                .string(window.start().toString())
                .raw(END)
                .string(window.end().toString())
                .raw(STATE)
                .raw(window.state().bytes())
                .raw(SHARD)
                .string(shardId)
                .raw(SOURCE)
                .string(eventSourceArn)
                .raw(FINAL)
                .raw(ascii(String.valueOf(window.isFinal())))
                .raw(EARLY)
                .raw(ascii(String.valueOf(window.terminatedEarly())))
                .take();
        return RecordsEvent.of(records, Payload.of(members));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
