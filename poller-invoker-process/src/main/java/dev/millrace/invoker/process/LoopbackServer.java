package dev.millrace.invoker.process;

import dev.millrace.invoke.Payload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small HTTP/1.1 server on a free port of 127.0.0.1, one virtual thread per connection, on which handlers may block for
 * ever. It never ends an idle connection: the JDK's server does so after 30 s, which is what a runtime's connection looks
 * like while its function works, and the runtime's answer would then meet a closed socket.
 */
final class LoopbackServer implements AutoCloseable {

    /** Answers one request through the connection; an {@link IOException} ends the connection. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpRequest request, HttpConnection connection) throws IOException, InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(LoopbackServer.class);
    private static final byte[] ADDRESS = {127, 0, 0, 1};

    /** A runtime needs one or two; more than this is a mistake in the function's process. */
    private static final int MAX_CONNECTIONS = 64;

    /** How long closing waits for the connections' threads, which have nothing left to wait for. */
    private static final int CLOSE_SECONDS = 2;

    private final ServerSocket server;
    private final int maxBodyBytes;
    private final Handler handler;
    private final ExecutorService threads;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /**
     * Opens the port and begins to serve.
     *
     * @param name of the threads
     * @param maxBodyBytes a longer request body is not kept, see {@link HttpRequest#tooLarge()}
     */
    LoopbackServer(String name, int maxBodyBytes, Handler handler) throws IOException {
        this.server = new ServerSocket(0, MAX_CONNECTIONS, InetAddress.getByAddress(ADDRESS));
        this.maxBodyBytes = maxBodyBytes;
        this.handler = handler;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("runtime-api/" + name + "/", 0).factory());
        threads.execute(this::accept);
    }

    /** Host and port, as {@code AWS_LAMBDA_RUNTIME_API} wants them. */
    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                if (connections.size() >= MAX_CONNECTIONS) {
                    LOG.warn("Refused a connection to the Runtime API: {} are open", MAX_CONNECTIONS);
                    socket.close();
                } else {
                    begin(socket);
                }
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                LOG.error("The Runtime API at {} stopped accepting connections", address(), e);
            }
        }
    }

    private void begin(Socket socket) throws IOException {
        connections.add(socket);
        try {
            threads.execute(() -> serve(socket));
        } catch (RejectedExecutionException e) {
            socket.close(); // the server was closed between accepting and here
        }
    }

    private void serve(Socket socket) {
        try (HttpConnection connection = new HttpConnection(socket, maxBodyBytes)) {
            serve(connection);
        } catch (IOException e) {
            LOG.debug("A connection to the Runtime API at {} ended: {}", address(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server is closing, the thread ends here
        } finally {
            connections.remove(socket);
        }
    }

    private void serve(HttpConnection connection) throws IOException, InterruptedException {
        try {
            Optional<HttpRequest> request = connection.read();
            while (request.isPresent()) {
                handler.handle(request.get(), connection);
                request = connection.read();
            }
        } catch (HttpInput.Malformed e) {
            LOG.warn("Refused a request to the Runtime API at {}: {}", address(), e.getMessage());
            connection.endAfterResponse();
            connection.respond(400, Map.of(), Payload.ofText(String.valueOf(e.getMessage())));
        }
    }

    /** Ends all connections and their threads. */
    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : connections) {
                socket.close();
            }
        } catch (IOException e) {
            LOG.debug("Closing the Runtime API at {}: {}", address(), e.toString());
        }
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A connection's thread of the Runtime API at {} is still busy", address());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
