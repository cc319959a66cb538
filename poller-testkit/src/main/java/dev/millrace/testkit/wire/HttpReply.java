package dev.millrace.testkit.wire;

import dev.millrace.invoke.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** How one request is answered, well or badly. Owned by the connection's thread. */
public final class HttpReply {

    private final HttpFront front;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean keeping;

    HttpReply(HttpFront front, Socket socket, InputStream in, OutputStream out) {
        this.front = front;
        this.socket = socket;
        this.in = in;
        this.out = out;
    }

    boolean keepsConnection() {
        return keeping;
    }

    /** A complete answer. */
    public void send(int status, Map<String, String> headers, Payload body) throws IOException {
        out.write(head(status, headers, "Content-Length: " + body.size()));
        body.writeTo(out);
        out.flush();
        keeping = true;
    }

    /** Announces the whole answer, sends the first half of it and ends the connection. */
    public void sendHalf(int status, Map<String, String> headers, Payload body) throws IOException {
        byte[] bytes = body.bytes();
        out.write(head(status, headers, "Content-Length: " + bytes.length));
        out.write(bytes, 0, bytes.length / 2);
        out.flush();
    }

    /** Ends the connection in an orderly way where the answer is: before any byte of it, or between two pieces. */
    public void close() {
        keeping = false;
    }

    /** Resets the connection where the answer is; what the client has not read yet may be lost. */
    public void reset() throws IOException {
        keeping = false;
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Leaves the client without an answer until it gives up or the server is closed. */
    public void hang() throws IOException {
        if (in.read() >= 0) {
            throw new IOException("the client sent more while it waits for an answer");
        }
    }

    /** Waits, at most until the server is closed; answers whether it is open still. */
    public boolean pause(Duration duration) throws InterruptedException {
        return front.pause(duration);
    }

    /** Begins an answer that is sent piece by piece. */
    public void begin(int status, Map<String, String> headers) throws IOException {
        out.write(head(status, headers, "Transfer-Encoding: chunked"));
        out.flush();
    }

    /** Sends one piece of an answer that has begun. */
    public void piece(Payload bytes) throws IOException {
        out.write((Long.toHexString(bytes.size()) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        bytes.writeTo(out);
        out.write(END_OF_LINE);
        out.flush();
    }

    /** Sends half of one piece, and the connection ends with the handler. */
    public void halfPiece(Payload bytes) throws IOException {
        byte[] all = bytes.bytes();
        out.write((Integer.toHexString(all.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(all, 0, all.length / 2);
        out.flush();
    }

    /** Ends an answer that was sent piece by piece. */
    public void end() throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        keeping = true;
    }

    private static final byte[] END_OF_LINE = {'\r', '\n'};

    private static byte[] head(int status, Map<String, String> headers, String framing) {
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(status).append(status < 400 ? " OK\r\n" : " Refused\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append(framing).append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
