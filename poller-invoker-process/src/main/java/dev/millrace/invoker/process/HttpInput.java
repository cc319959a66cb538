package dev.millrace.invoker.process;

import dev.millrace.invoke.Payload;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the pieces of HTTP/1.1 requests (RFC 9112) from one connection. Used by the connection's thread only. */
final class HttpInput {

    /** What breaks HTTP's syntax or a limit; the connection cannot be used any more. */
    static final class Malformed extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** A body as read. */
    record Body(Payload bytes, boolean tooLarge, Map<String, String> trailers) {}

    /** Lambda allows 1 MB of request line and headers to callers; a runtime sends a few hundred bytes. */
    private static final int MAX_HEAD_BYTES = 1024 * 1024;

    /** Of a body over the limit this much is read and dropped, so that the client sees the answer, not a reset. */
    private static final long MAX_DRAINED_BYTES = 256L * 1024 * 1024;

    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream in;
    private final int maxBodyBytes;
    private int headBytes;

    HttpInput(InputStream in, int maxBodyBytes) {
        this.in = new BufferedInputStream(in, BUFFER_BYTES);
        this.maxBodyBytes = maxBodyBytes;
    }

    /** The next request line, or empty when the client has closed the connection between requests. */
    Optional<String> requestLine() throws IOException {
        headBytes = 0;
        int first = in.read();
        while (first == '\r' || first == '\n') {
            first = in.read();
        }
        return first < 0 ? Optional.empty() : Optional.of((char) first + line());
    }

    Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new Malformed("a header line has no name");
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    /** A body of known length. */
    Body body(long length) throws IOException {
        if (length > maxBodyBytes) {
            drain(length);
            return new Body(Payload.EMPTY, true, Map.of());
        }
        return new Body(Payload.of(bytes(length)), false, Map.of());
    }

    private byte[] bytes(long length) throws IOException {
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended within a body");
        }
        return bytes;
    }

    /** A body in chunks, with its trailers. */
    Body chunkedBody() throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        long total = 0;
        for (long size = chunkSize(); size > 0; size = chunkSize()) {
            total += size;
            if (total > MAX_DRAINED_BYTES) {
                throw new Malformed("the body has more than " + MAX_DRAINED_BYTES + " bytes");
            }
            if (total > maxBodyBytes) {
                in.skipNBytes(size);
            } else {
                kept.write(bytes(size));
            }
            if (!line().isEmpty()) {
                throw new Malformed("a chunk is longer than its size says");
            }
        }
        Map<String, String> trailers = headers();
        boolean tooLarge = total > maxBodyBytes;
        return new Body(tooLarge ? Payload.EMPTY : Payload.of(kept.toByteArray()), tooLarge, trailers);
    }

    private long chunkSize() throws IOException {
        headBytes = 0;
        String line = line();
        int extension = line.indexOf(';');
        String digits = (extension < 0 ? line : line.substring(0, extension)).strip();
        try {
            long size = Long.parseLong(digits, 16);
            if (size >= 0 && size <= MAX_DRAINED_BYTES) {
                return size;
            }
        } catch (NumberFormatException e) {
            // Answered below, together with sizes out of range.
        }
        throw new Malformed("a chunk's size is not a number in range");
    }

    private void drain(long length) throws IOException {
        if (length > MAX_DRAINED_BYTES) {
            throw new Malformed("the body has more than " + MAX_DRAINED_BYTES + " bytes");
        }
        in.skipNBytes(length);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection ended within a line");
            }
            if (++headBytes > MAX_HEAD_BYTES) {
                throw new Malformed("the head has more than " + MAX_HEAD_BYTES + " bytes");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
