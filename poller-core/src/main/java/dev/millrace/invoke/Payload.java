package dev.millrace.invoke;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An immutable run of bytes made of segments, so that an event is built from its records' serialised forms without
 * copying them. Whoever hands in an array gives it away and must not change it afterwards.
 */
public final class Payload {

    /** No bytes at all. */
    public static final Payload EMPTY = new Payload(List.of());

    private final List<byte[]> segments;
    private final long size;

    private Payload(List<byte[]> segments) {
        this.segments = segments;
        long sum = 0;
        for (byte[] segment : segments) {
            sum += segment.length;
        }
        this.size = sum;
    }

    /** These bytes, given away by the caller. */
    public static Payload of(byte[] bytes) {
        return new Payload(List.of(bytes));
    }

    /** These segments one after the other, given away by the caller. */
    public static Payload of(List<byte[]> segments) {
        return new Payload(List.copyOf(segments));
    }

    /** The text in UTF-8. */
    public static Payload ofText(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Length in bytes. */
    public long size() {
        return size;
    }

    /** Writes all bytes, in one call for each segment; neither flushes nor closes. */
    public void writeTo(OutputStream out) throws IOException {
        for (byte[] segment : segments) {
            out.write(segment);
        }
    }

    /** All bytes in one array, which must not be changed: it may be the payload's own. */
    public byte[] bytes() {
        if (segments.size() == 1) {
            return segments.getFirst();
        }
        byte[] all = new byte[Math.toIntExact(size)];
        int position = 0;
        for (byte[] segment : segments) {
            System.arraycopy(segment, 0, all, position, segment.length);
            position += segment.length;
        }
        return all;
    }

    /** The bytes as UTF-8 text. */
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "Payload[" + size + " bytes]";
    }
}
