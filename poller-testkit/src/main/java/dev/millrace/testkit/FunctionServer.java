package dev.millrace.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A function behind HTTP on the loopback address that does what a test tells it, down to resets and garbage on the wire.
 * Serves any number of keep-alive connections, each on a virtual thread; records every request. Thread-safe.
 */
public final class FunctionServer implements AutoCloseable {

    /** Longest wait of the {@code await} methods: far above what a loaded machine needs. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ServerSocket listener;
    private final Thread accepting = Thread.ofVirtual().name("function-server").unstarted(this::accept);
    private final @Nullable SSLContext tls;
    private final boolean clientCertificateRequired;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    // Guarded by this, as everything below.
    private final Deque<FunctionAnswer> scripted = new ArrayDeque<>();
    private final List<FunctionCall> calls = new ArrayList<>();
    private Function<FunctionCall, FunctionAnswer> usual = call -> FunctionAnswer.ok("");
    private int abandoned;
    private int atWork;
    private int mostAtWork;

    private FunctionServer(ServerSocket listener, @Nullable SSLContext tls, boolean clientCertificateRequired) {
        this.listener = listener;
        this.tls = tls;
        this.clientCertificateRequired = clientCertificateRequired;
    }

    /** Starts a server on a free port; it answers 200 with an empty body until told otherwise. */
    public static FunctionServer start() {
        return start(0, null, false);
    }

    /** Starts a server on a port that is free, for instance one that a closed server had. */
    public static FunctionServer startOn(int port) {
        return start(port, null, false);
    }

    /** Starts a server that speaks TLS, and asks for a client certificate if told to. */
    public static FunctionServer startTls(SSLContext context, boolean clientCertificateRequired) {
        return start(0, context, clientCertificateRequired);
    }

    private static FunctionServer start(int port, @Nullable SSLContext tls, boolean clientCertificateRequired) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
            FunctionServer server = new FunctionServer(listener, tls, clientCertificateRequired);
            server.accepting.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the server listens, with a slash at the end. */
    public URI url() {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port() + "/");
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Adds answers that are each used once, in order, before the usual one. */
    public synchronized FunctionServer next(FunctionAnswer... answers) {
        scripted.addAll(List.of(answers));
        return this;
    }

    /** Sets the answer to every request for which none is scripted. Called on the connection's thread. */
    public synchronized FunctionServer always(Function<FunctionCall, FunctionAnswer> answer) {
        usual = answer;
        return this;
    }

    public FunctionServer always(FunctionAnswer answer) {
        return always(call -> answer);
    }

    /** Every request so far, in the order in which they were read completely. */
    public synchronized List<FunctionCall> calls() {
        return List.copyOf(calls);
    }

    /** Number of connections accepted so far. */
    public int connections() {
        return connections.get();
    }

    /** The most requests that were being answered at the same moment. */
    public synchronized int mostConcurrentCalls() {
        return mostAtWork;
    }

    public void awaitCalls(int count) {
        await(count + " calls", () -> calls.size() >= count);
    }

    /** Waits until the client has closed this many connections on which the server was not going to answer. */
    public void awaitAbandoned(int count) {
        await(count + " abandoned calls", () -> abandoned >= count);
    }

    /** Waits until the client has closed all its connections. */
    public void awaitNoConnections() {
        await("the end of all connections", open::isEmpty);
    }

    private synchronized void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("waited " + PATIENCE + " for " + what + " in vain; calls: " + calls);
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }

    /** Closes the connections that are open, as a server does with idle ones. */
    public void closeConnections() {
        for (Socket socket : open) {
            closeQuietly(socket);
        }
    }

    /** Stops listening, so that connections are refused from then on, and closes those that are open. */
    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
            // The system takes connections until the thread that accepts them has noticed.
            if (!accepting.join(PATIENCE)) {
                throw new AssertionError("still accepting " + PATIENCE + " after the listener was closed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeConnections();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                int number = connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().name("function-connection-" + number).start(() -> serve(socket, number));
            } catch (IOException e) {
                // The listener was closed, which is how the server ends.
                return;
            }
        }
    }

    private void serve(Socket socket, int number) {
        try {
            new FunctionConnection(this, socket, number).serve(tls, clientCertificateRequired);
        } finally {
            open.remove(socket);
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Records a request and chooses its answer. */
    FunctionAnswer started(FunctionCall call) {
        Function<FunctionCall, FunctionAnswer> chooser;
        synchronized (this) {
            calls.add(call);
            atWork++;
            mostAtWork = Math.max(mostAtWork, atWork);
            notifyAll();
            FunctionAnswer answer = scripted.poll();
            if (answer != null) {
                return answer;
            }
            chooser = usual;
        }
        return chooser.apply(call);
    }

    synchronized void ended() {
        atWork--;
    }

    synchronized void abandoned() {
        abandoned++;
        notifyAll();
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Waits, at most until the server is closed; answers whether it is open still. */
    boolean pause(Duration duration) throws InterruptedException {
        return !closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
