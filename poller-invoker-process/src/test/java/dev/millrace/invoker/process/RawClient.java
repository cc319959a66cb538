package dev.millrace.invoker.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of the Runtime API that can also say what no well-behaved runtime says. */
final class RawClient implements AutoCloseable {

    /** A response as read; headers by lower-case name. */
    record Response(int status, Map<String, String> headers, String body) {}

    private static final int MAX_BODY = 16 * 1024 * 1024;

    private final Socket socket;
    private final HttpInput in;

    RawClient(String address) throws IOException {
        int colon = address.indexOf(':');
        socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
        InputStream input = socket.getInputStream();
        in = new HttpInput(input, MAX_BODY);
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    RawClient get(String path) throws IOException {
        return send("GET /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    RawClient post(String path, String body) throws IOException {
        return send("POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    Response read() throws IOException {
        String statusLine = in.requestLine().orElseThrow();
        Map<String, String> headers = in.headers();
        long length = Long.parseLong(headers.getOrDefault("content-length", "0"));
        String body = in.body(length).bytes().text();
        return new Response(Integer.parseInt(statusLine.substring(9, 12)), headers, body);
    }

    /** Whether the server has closed the connection; waits for that or for more bytes. */
    boolean ended() throws IOException {
        return in.requestLine().isEmpty();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static @Nullable String header(Response response, String name) {
        return response.headers().get(name);
    }
}
