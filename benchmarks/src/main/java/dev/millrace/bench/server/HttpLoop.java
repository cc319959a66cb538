package dev.millrace.bench.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/1.1 server on one thread, loopback only, made to cost as little as possible: what it burns is missing for the
 * peer under measurement. The thread that calls {@link #run} owns every connection and the service.
 */
public final class HttpLoop implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private final ServerSocketChannel listener;
    private final Selector selector;
    private final HttpService service;

    /** @param port 0 takes any free port */
    public HttpLoop(int port, HttpService service) throws IOException {
        this.service = service;
        selector = Selector.open();
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    public int port() {
        return listener.socket().getLocalPort();
    }

    /** Serves until {@link #close}. */
    public void run() throws IOException {
        while (selector.isOpen()) {
            waitForWork();
            if (!selector.isOpen()) {
                return;
            }
            if (service.nextTick() != HttpService.NEVER) {
                long now = System.nanoTime();
                if (service.nextTick() - now <= 0) {
                    service.tick(now);
                }
            }
        }
    }

    private void waitForWork() throws IOException {
        long next = service.nextTick();
        if (next == HttpService.NEVER) {
            selector.select(this::onReady, 0);
            return;
        }
        long nanos = next - System.nanoTime();
        if (nanos <= 0) {
            selector.selectNow(this::onReady);
        } else {
            // Rounded up: waking a little late costs less than waking twice.
            selector.select(this::onReady, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
        }
    }

    private void onReady(SelectionKey key) {
        if (key.attachment() instanceof HttpConnection connection) {
            connection.onReady();
        } else {
            accept();
        }
    }

    private void accept() {
        try {
            SocketChannel channel = listener.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new HttpConnection(channel, key, service));
            }
        } catch (IOException clientWentAway) {
            System.err.println("accept: " + clientWentAway);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        listener.close();
    }
}
