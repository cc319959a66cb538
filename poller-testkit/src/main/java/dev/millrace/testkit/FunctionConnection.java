package dev.millrace.testkit;

import dev.millrace.invoke.Payload;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link FunctionServer}, owned by one virtual thread. */
final class FunctionConnection {

    private static final int LONGEST_LINE = 64 * 1024;

    private final FunctionServer server;
    private final Socket plain;
    private final int number;

    FunctionConnection(FunctionServer server, Socket plain, int number) {
        this.server = server;
        this.plain = plain;
        this.number = number;
    }

    /** Answers requests until one side ends the connection. */
    void serve(@Nullable SSLContext tls, boolean clientCertificateRequired) {
        try (plain) {
            plain.setTcpNoDelay(true);
            Socket socket = tls == null ? plain : secured(tls, clientCertificateRequired);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = new BufferedOutputStream(socket.getOutputStream());
            boolean more = true;
            while (more && !server.isClosed()) {
                FunctionCall call = read(in, out, number);
                more = call != null && answer(call, in, out);
            }
        } catch (IOException e) {
            // The client went away, or a test closed the connection: nothing is left to serve.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Socket secured(SSLContext context, boolean clientCertificateRequired) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
        socket.setUseClientMode(false);
        socket.setNeedClientAuth(clientCertificateRequired);
        socket.startHandshake();
        return socket;
    }

    private boolean answer(FunctionCall call, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        FunctionAnswer answer = server.started(call);
        boolean working = true;
        try {
            while (answer instanceof FunctionAnswer.Delayed(Duration delay, FunctionAnswer later)) {
                if (!server.pause(delay)) {
                    return false;
                }
                answer = later;
            }
            if (answer instanceof FunctionAnswer.Reply) {
                // Before the answer goes out: a client that has it may call again before this thread runs on.
                working = false;
                server.ended();
            }
            return perform(answer, in, out);
        } finally {
            if (working) {
                server.ended();
            }
        }
    }

    /** Answers whether the connection stays open. */
    private boolean perform(FunctionAnswer answer, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        return switch (answer) {
            case FunctionAnswer.Reply reply -> {
                write(reply, out);
                yield !reply.closing();
            }
            case FunctionAnswer.Bytes raw -> {
                raw.bytes().writeTo(out);
                out.flush();
                yield false;
            }
            case FunctionAnswer.Drip drip -> drip(drip, out);
            case FunctionAnswer.Reset() -> {
                plain.setSoLinger(true, 0);
                plain.close();
                yield false;
            }
            case FunctionAnswer.Close() -> false;
            case FunctionAnswer.Hang() -> hang(in);
            case FunctionAnswer.Delayed(Duration delay, FunctionAnswer later) ->
                server.pause(delay) && perform(later, in, out);
        };
    }

    private static void write(FunctionAnswer.Reply reply, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " Scripted\r\n");
        reply.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        byte[] body = reply.body().bytes();
        if (reply.chunked()) {
            head.append("Transfer-Encoding: chunked\r\n\r\n");
            out.write(head.toString().getBytes(StandardCharsets.UTF_8));
            for (int from = 0; from < body.length; from += 8192) {
                byte[] chunk = Arrays.copyOfRange(body, from, Math.min(body.length, from + 8192));
                out.write((Integer.toHexString(chunk.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(chunk);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
            head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
            out.write(head.toString().getBytes(StandardCharsets.UTF_8));
            out.write(body);
        }
        out.flush();
    }

    private boolean drip(FunctionAnswer.Drip drip, OutputStream out) throws InterruptedException {
        try {
            out.write(drip.beginning().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            while (server.pause(drip.interval())) {
                out.write('.');
                out.flush();
            }
        } catch (IOException e) {
            server.abandoned();
        }
        return false;
    }

    private boolean hang(InputStream in) {
        try {
            int next = in.read();
            if (next >= 0) {
                throw new AssertionError("the client sent more while it waits for an answer");
            }
        } catch (IOException e) {
            // A reset is another way to give up.
        }
        server.abandoned();
        return false;
    }

    private static @Nullable FunctionCall read(InputStream in, OutputStream out, int connection) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        String[] parts = start.split(" ", 3);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        if (headers.containsKey("Expect")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            return null;
        }
        return new FunctionCall(connection, parts[0], parts[1], headers, Payload.of(body));
    }

    private static @Nullable String line(InputStream in) throws IOException {
        byte[] line = new byte[256];
        int length = 0;
        for (int next = in.read(); next >= 0 && length < LONGEST_LINE; next = in.read()) {
            if (next == '\n') {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                return new String(line, 0, end, StandardCharsets.ISO_8859_1);
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = (byte) next;
        }
        return null;
    }
}
