package dev.millrace.testkit.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server on loopback that a test can close, or let go silent, and open again. Thread-safe. */
public final class Tunnel implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;

    /** What becomes of connections. */
    private enum State {
        OPEN,
        REFUSING,
        SILENT
    }

    private final URI server;
    private final ServerSocket entry;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile State state = State.OPEN;

    /** An open tunnel to the server. */
    public Tunnel(URI server) {
        this.server = server;
        try {
            entry = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("tunnel/" + entry.getLocalPort()).start(this::accept);
    }

    public URI endpoint() {
        return URI.create(server.getScheme() + "://127.0.0.1:" + entry.getLocalPort());
    }

    /** Everything that comes is passed on. */
    public void open() {
        state = State.OPEN;
        // What was silent has lost bytes.
        disconnect();
    }

    /** Connections are closed, new ones as soon as they are made. */
    public void refuse() {
        state = State.REFUSING;
        disconnect();
    }

    /** Connections are made and stay, and nothing comes through. */
    public void silence() {
        state = State.SILENT;
    }

    private void accept() {
        try {
            while (true) {
                Socket from = entry.accept();
                if (state == State.REFUSING) {
                    from.close();
                } else {
                    sockets.add(from);
                    Thread.startVirtualThread(() -> connect(from));
                }
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void connect(Socket from) {
        try {
            Socket to = new Socket(server.getHost(), server.getPort());
            sockets.add(to);
            Thread.startVirtualThread(() -> copy(to, from));
            copy(from, to);
        } catch (IOException _) {
            close(from);
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            while (true) {
                int count = from.getInputStream().read(buffer);
                if (count < 0) {
                    break;
                }
                if (state == State.OPEN) {
                    to.getOutputStream().write(buffer, 0, count);
                }
            }
        } catch (IOException _) {
            // One end is gone, so the other one goes.
        }
        close(from);
        close(to);
    }

    private void disconnect() {
        sockets.forEach(this::close);
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException _) {
            // It is gone already.
        }
    }

    @Override
    public void close() {
        try {
            entry.close();
        } catch (IOException _) {
            // It is gone already.
        }
        disconnect();
    }
}
