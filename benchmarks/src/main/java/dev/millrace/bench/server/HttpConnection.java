package dev.millrace.bench.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One client connection of a {@link HttpLoop}, serving one request at a time. Confined to the loop's thread. */
public final class HttpConnection {
    private static final int FIRST_BUFFER_BYTES = 16 * 1024;

    /** Far above the 6 MB of the largest Lambda event; a request above it is an error of the benchmark. */
    private static final int MAX_BUFFER_BYTES = 16 * 1024 * 1024;

    private static final int MAX_SLICE_BYTES = 256 * 1024;

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final SelectionKey key;
    private final HttpService service;
    private final HttpRequest request = new HttpRequest();

    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int filled;
    private boolean answerOwed;
    private boolean continued;
    private boolean closeAfterAnswer;
    private ByteBuffer unsent = ByteBuffer.allocate(0);

    HttpConnection(SocketChannel channel, SelectionKey key, HttpService service) {
        this.channel = channel;
        this.key = key;
        this.service = service;
    }

    /** Moves bytes in whichever direction the socket is ready for; a broken connection is closed quietly. */
    void onReady() {
        try {
            if (key.isValid() && key.isWritable()) {
                flush();
            }
            if (key.isValid() && key.isReadable()) {
                read();
            }
        } catch (IOException connectionLost) {
            close();
        }
    }

    private void read() throws IOException {
        if (filled == buffer.length) {
            grow();
        }
        int count = channel.read(ByteBuffer.wrap(buffer, filled, buffer.length - filled));
        if (count < 0) {
            close();
            return;
        }
        filled += count;
        serveWhatIsComplete();
    }

    private void grow() throws IOException {
        if (buffer.length >= MAX_BUFFER_BYTES) {
            throw new IOException("request above " + MAX_BUFFER_BYTES + " bytes");
        }
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }

    private void serveWhatIsComplete() throws IOException {
        int consumed = 0;
        while (!answerOwed && consumed < filled && isOpen()) {
            if (!request.parse(buffer, consumed, filled)) {
                if (request.expectsContinue() && !continued) {
                    continued = true;
                    write(CONTINUE, CONTINUE.length);
                }
                break;
            }
            continued = false;
            consumed = request.end();
            closeAfterAnswer = request.asksToClose();
            answerOwed = true;
            service.serve(request, this);
        }
        System.arraycopy(buffer, consumed, buffer, 0, filled - consumed);
        filled -= consumed;
    }

    /** Sends a complete response, head included. The bytes may be reused as soon as this returns. */
    public void respond(byte[] response, int length) {
        answerOwed = false;
        try {
            write(response, length);
            if (closeAfterAnswer && !unsent.hasRemaining()) {
                close();
            }
        } catch (IOException connectionLost) {
            close();
        }
    }

    private void write(byte[] bytes, int length) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes, 0, length);
        if (!unsent.hasRemaining()) {
            send(out);
        }
        if (out.hasRemaining()) {
            ByteBuffer rest = ByteBuffer.allocate(unsent.remaining() + out.remaining());
            unsent = rest.put(unsent).put(out).flip();
            key.interestOpsOr(SelectionKey.OP_WRITE);
        }
    }

    /** In slices: the JDK copies all that a write is given, even when the socket takes only the beginning. */
    private void send(ByteBuffer out) throws IOException {
        int end = out.limit();
        int sent = MAX_SLICE_BYTES;
        while (sent == MAX_SLICE_BYTES && out.position() < end) {
            out.limit(Math.min(end, out.position() + MAX_SLICE_BYTES));
            sent = channel.write(out);
        }
        out.limit(end);
    }

    private void flush() throws IOException {
        send(unsent);
        if (!unsent.hasRemaining()) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
            if (closeAfterAnswer && !answerOwed) {
                close();
            }
        }
    }

    public boolean isOpen() {
        return key.isValid() && channel.isOpen();
    }

    private void close() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException alreadyBroken) {
            // Nothing is left to release.
        }
    }
}
