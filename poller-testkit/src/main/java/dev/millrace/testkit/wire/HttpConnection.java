package dev.millrace.testkit.wire;

import dev.millrace.invoke.Payload;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link HttpFront}, owned by its virtual thread. */
final class HttpConnection {

    private static final int LONGEST_LINE = 64 * 1024;
    private static final int BUFFER = 64 * 1024;

    /** Twice what a request of 10 MiB of records in base64 needs. */
    private static final int LARGEST_BODY = 32 * 1024 * 1024;

    private final HttpFront front;
    private final HttpFront.Handler handler;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    HttpConnection(HttpFront front, HttpFront.Handler handler, Socket socket) throws IOException {
        this.front = front;
        this.handler = handler;
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
    }

    /** Answers requests until one side ends the connection. */
    void serve() throws IOException, InterruptedException {
        socket.setTcpNoDelay(true);
        boolean more = true;
        while (more && !front.isClosed()) {
            HttpRequest request = read();
            if (request == null) {
                return;
            }
            HttpReply reply = new HttpReply(front, socket, in, out);
            handler.handle(request, reply);
            more = reply.keepsConnection() && !request.header("Connection").equalsIgnoreCase("close");
        }
    }

    private @Nullable HttpRequest read() throws IOException {
        String first = line();
        if (first == null) {
            return null;
        }
        String[] parts = first.split(" ", -1);
        if (parts.length != 3) {
            throw new IOException("not a request line: " + first);
        }
        Map<String, String> headers = headers();
        if (headers.containsKey("Expect")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        byte[] body = headers.getOrDefault("Transfer-Encoding", "")
                        .toLowerCase(Locale.ROOT)
                        .contains("chunked")
                ? chunks()
                : exactly(length(headers.getOrDefault("Content-Length", "0"), 10));
        return new HttpRequest(parts[0], parts[1], headers, Payload.of(body));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = requiredLine(); !line.isEmpty(); line = requiredLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header: " + line);
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return headers;
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = chunkLength(); length > 0; length = chunkLength()) {
            body.writeBytes(exactly(length));
            if (body.size() > LARGEST_BODY || !requiredLine().isEmpty()) {
                throw new IOException("a chunk that is too much or does not end");
            }
        }
        // Trailers, of which none matters here.
        headers();
        return body.toByteArray();
    }

    private int chunkLength() throws IOException {
        return length(requiredLine().split(";", 2)[0].strip(), 16);
    }

    private static int length(String text, int radix) throws IOException {
        try {
            int length = Integer.parseInt(text, radix);
            if (length >= 0 && length <= LARGEST_BODY) {
                return length;
            }
        } catch (NumberFormatException e) {
            throw new IOException("not a length: " + text, e);
        }
        throw new IOException("a length out of bounds: " + text);
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("the connection ended inside a request");
        }
        return bytes;
    }

    private String requiredLine() throws IOException {
        String line = line();
        if (line == null) {
            throw new IOException("the connection ended inside a request");
        }
        return line;
    }

    /** The next line without its end; null at the end of the connection. */
    private @Nullable String line() throws IOException {
        byte[] line = new byte[128];
        int length = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                return new String(line, 0, end, StandardCharsets.ISO_8859_1);
            }
            if (length == LONGEST_LINE) {
                throw new IOException("a line longer than " + LONGEST_LINE + " bytes");
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = (byte) next;
        }
        return null;
    }
}
