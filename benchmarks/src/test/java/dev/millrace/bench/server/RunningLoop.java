package dev.millrace.bench.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;

/** A canned server on a thread of its own, for tests. */
public record RunningLoop(HttpLoop loop) implements AutoCloseable {
    public static RunningLoop start(HttpService service) {
        try {
            HttpLoop loop = new HttpLoop(0, service);
            Thread.ofPlatform().daemon().name("canned server").start(() -> run(loop));
            return new RunningLoop(loop);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(HttpLoop loop) {
        try {
            loop.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClosedSelectorException closed) {
            // The test is over.
        }
    }

    public int port() {
        return loop.port();
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
