package dev.millrace.testkit.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plain HTTP/1.1 on a loopback port: any number of keep-alive connections, each on a virtual thread of its own. Keeps nothing
 * of a request once it is answered. Thread-safe.
 */
public final class HttpFront implements AutoCloseable {

    /** Answers requests. Called on the connection's thread, by many connections at once. */
    @FunctionalInterface
    public interface Handler {

        /**
         * Answers one request, by exactly one method of the reply.
         *
         * @throws IOException ends the connection
         */
        void handle(HttpRequest request, HttpReply reply) throws IOException, InterruptedException;
    }

    private static final int BACKLOG = 1024;
    private static final Duration CLOSES_WITHIN = Duration.ofSeconds(20);

    private final ServerSocket listener;
    private final Handler handler;
    private final Thread accepting = Thread.ofVirtual().name("server").unstarted(this::accept);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger connections = new AtomicInteger();

    private HttpFront(ServerSocket listener, Handler handler) {
        this.listener = listener;
        this.handler = handler;
    }

    /**
     * Listens.
     *
     * @param port 0 for any that is free
     */
    public static HttpFront start(int port, Handler handler) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            HttpFront front = new HttpFront(listener, handler);
            front.accepting.start();
            return front;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Number of connections accepted so far. */
    public int connections() {
        return connections.get();
    }

    /** Closes the connections that are open, whatever they are at. The server goes on. */
    public void closeConnections() {
        open.forEach(HttpFront::closeQuietly);
    }

    /** Stops listening, so that connections are refused from then on, and closes those that are open. */
    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
            // The system takes connections until the thread that accepts them has noticed.
            if (!accepting.join(CLOSES_WITHIN)) {
                throw new AssertionError("still accepting " + CLOSES_WITHIN + " after the listener was closed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeConnections();
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Waits, at most until the server is closed; answers whether it is open still. */
    boolean pause(Duration duration) throws InterruptedException {
        return !closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual()
                        .name("connection-" + connections.incrementAndGet())
                        .start(() -> serve(socket));
            } catch (IOException e) {
                // The listener was closed, which is how the server ends.
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            new HttpConnection(this, handler, socket).serve();
        } catch (IOException e) {
            // The client went away, or a test closed the connection: nothing is left to serve.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
