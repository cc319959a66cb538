package dev.millrace.invoker.process;

import dev.millrace.invoke.Payload;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One client's persistent HTTP/1.1 connection: requests are read and answered one after the other. Owned by one virtual
 * thread; only {@link #close} may be called by others, to end a blocked read.
 */
final class HttpConnection implements AutoCloseable {

    /** A head and a usual answer leave in one packet. */
    private static final int BUFFER_BYTES = 32 * 1024;

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final HttpInput in;
    private final OutputStream out;
    private final int maxBodyBytes;
    private boolean persistent = true;

    HttpConnection(Socket socket, int maxBodyBytes) throws IOException {
        this.socket = socket;
        this.maxBodyBytes = maxBodyBytes;
        // Otherwise a head and a large body meet the peer's delayed acknowledgement: 40 ms for each event.
        socket.setTcpNoDelay(true);
        this.in = new HttpInput(socket.getInputStream(), maxBodyBytes);
        this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    /** The next request, or empty when there will be none: the client left, or asked to end after the last answer. */
    Optional<HttpRequest> read() throws IOException {
        Optional<String> requestLine = persistent ? in.requestLine() : Optional.empty();
        if (requestLine.isEmpty()) {
            return Optional.empty();
        }
        String[] words = requestLine.get().split(" ", -1);
        if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
            persistent = false;
            throw new HttpInput.Malformed("this is not an HTTP/1.1 request");
        }
        Map<String, String> headers = in.headers();
        String wish = headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT);
        persistent = words[2].equals("HTTP/1.0") ? wish.contains("keep-alive") : !wish.contains("close");
        HttpInput.Body body = body(headers);
        int query = words[1].indexOf('?');
        String path = query < 0 ? words[1] : words[1].substring(0, query);
        return Optional.of(
                new HttpRequest(words[0], path, Map.copyOf(headers), body.bytes(), body.tooLarge(), body.trailers()));
    }

    private HttpInput.Body body(Map<String, String> headers) throws IOException {
        boolean awaitsContinue = "100-continue".equalsIgnoreCase(headers.get("expect"));
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            if (awaitsContinue) {
                sendContinue();
            }
            return in.chunkedBody();
        }
        long length = contentLength(headers);
        if (awaitsContinue && length > maxBodyBytes) {
            // The client may or may not send the body after a final answer, so nothing can follow on this connection.
            persistent = false;
            return new HttpInput.Body(Payload.EMPTY, true, Map.of());
        }
        if (awaitsContinue) {
            sendContinue();
        }
        return in.body(length);
    }

    private static long contentLength(Map<String, String> headers) throws IOException {
        String text = headers.getOrDefault("content-length", "0");
        try {
            long length = Long.parseLong(text);
            if (length >= 0) {
                return length;
            }
        } catch (NumberFormatException e) {
            // Answered below, together with negative lengths.
        }
        throw new HttpInput.Malformed("Content-Length is not a number");
    }

    private void sendContinue() throws IOException {
        out.write(CONTINUE);
        out.flush();
    }

    /** Answers the request read last. Characters that a header must not carry are replaced. */
    void respond(int status, Map<String, String> headers, Payload body) throws IOException {
        StringBuilder head = new StringBuilder(512);
        head.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason(status))
                .append("\r\n");
        headers.forEach((name, value) ->
                head.append(name).append(": ").append(printable(value)).append("\r\n"));
        if (!persistent) {
            head.append("Connection: close\r\n");
        }
        head.append("Content-Length: ").append(body.size()).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
        body.writeTo(out);
        out.flush();
    }

    /** Makes the next answer the last one of this connection. */
    void endAfterResponse() {
        persistent = false;
    }

    private static String printable(String value) {
        StringBuilder safe = new StringBuilder(value.length());
        value.chars().forEach(c -> safe.append(c >= ' ' && c <= '~' ? (char) c : '?'));
        return safe.toString();
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 202 -> "Accepted";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 413 -> "Request Entity Too Large";
            default -> "Status";
        };
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
