package dev.millrace.invoke;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An immutable run of bytes: one array, or several payloads one after the other, so that an event is built from its
 * records' serialised forms without copying them, or bytes that a subclass makes when they are asked for. Whoever hands in
 * an array gives it away and must not change it afterwards. Thread-safe.
 */
public abstract class Payload {

    /** No bytes at all. */
    public static final Payload EMPTY = of(new byte[0]);

    /**
     * Most bytes that are put together for one write: each write may be a packet and a system call of its own. As much as
     * the JDK's sockets take at once.
     */
    private static final int LARGEST_WRITE = 128 * 1024;

    protected Payload() {}

    /** These bytes, given away by the caller. */
    public static Payload of(byte[] bytes) {
        return new Whole(bytes);
    }

    /** These payloads one after the other. */
    public static Payload joined(List<Payload> parts) {
        return new Joined(List.copyOf(parts));
    }

    /** The text in UTF-8. */
    public static Payload ofText(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Length in bytes. */
    public abstract long size();

    /** Writes all bytes in few large writes; neither flushes nor closes. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes());
    }

    /** All bytes in one array, which must not be changed: it may be the payload's own. */
    public byte[] bytes() {
        byte[] all = new byte[Math.toIntExact(size())];
        copyTo(all, 0);
        return all;
    }

    /** Copies all bytes, {@link #size} of them, into an array that has room for them from that place on. */
    protected abstract void copyTo(byte[] array, int from);

    /** The bytes as UTF-8 text. */
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "Payload[" + size() + " bytes]";
    }

    /** One array. */
    private static final class Whole extends Payload {

        private final byte[] array;

        private Whole(byte[] array) {
            this.array = array;
        }

        @Override
        public long size() {
            return array.length;
        }

        @Override
        public byte[] bytes() {
            return array;
        }

        @Override
        protected void copyTo(byte[] to, int from) {
            System.arraycopy(array, 0, to, from, array.length);
        }
    }

    /** Several payloads. */
    private static final class Joined extends Payload {

        private final List<Payload> parts;
        private final long size;

        private Joined(List<Payload> parts) {
            this.parts = parts;
            long sum = 0;
            for (Payload part : parts) {
                sum += part.size();
            }
            this.size = sum;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            byte[] together = new byte[(int) Math.min(size, LARGEST_WRITE)];
            int filled = 0;
            for (Payload part : parts) {
                if (part.size() > together.length - filled) {
                    out.write(together, 0, filled);
                    filled = 0;
                }
                if (part.size() > together.length) {
                    part.writeTo(out);
                } else {
                    part.copyTo(together, filled);
                    filled += (int) part.size();
                }
            }
            out.write(together, 0, filled);
        }

        @Override
        protected void copyTo(byte[] to, int from) {
            int at = from;
            for (Payload part : parts) {
                part.copyTo(to, at);
                at += (int) part.size();
            }
        }
    }
}
