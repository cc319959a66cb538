package dev.millrace.invoker.http;

import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;

/**
 * Invokes a function that is an HTTP server: one POST of the event, whose 2xx answer is the function's.
 *
 * <p>What an exchange means is decided by how far it got (spec 4.1): before any part of the event was sent, and until the
 * first byte of an answer, a broken connection is {@link InvocationOutcome.Unavailable}; from then on it is a function
 * error. Thread-safe.
 */
final class HttpInvoker implements Invoker {

    private final HttpSettings settings;
    private final HttpHost target;
    private final HttpConnections connections;
    private final DeadlineWatch watch;
    private final AnswerRules answers;
    private final FailureRules failures;
    private final InstantSource clock;

    private HttpInvoker(HttpSettings settings, HttpConnections connections, DeadlineWatch watch, InstantSource clock) {
        this.settings = settings;
        this.target = HttpConnections.target(settings.url());
        this.connections = connections;
        this.watch = watch;
        this.answers = new AnswerRules(clock);
        this.failures = new FailureRules(settings.url(), settings.maximumConnections());
        this.clock = clock;
    }

    static HttpInvoker open(FunctionSettings function, HttpSettings settings, InstantSource clock) {
        HttpConnections connections = HttpConnections.open(settings);
        DeadlineWatch watch = new DeadlineWatch(function.name(), connections);
        watch.start();
        return new HttpInvoker(settings, connections, watch, clock);
    }

    @Override
    public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
        stopIfInterrupted();
        EventPost post = new EventPost(settings.url(), request, System.nanoTime());
        try {
            describe(post);
        } catch (IOException e) {
            // The token's file; its message says what to do.
            return new InvocationOutcome.Unavailable(String.valueOf(e.getMessage()), Duration.ZERO);
        }
        watch.begin(post);
        try {
            return exchange(post);
        } finally {
            watch.end(post);
        }
    }

    /** Its connections: what is above them could only wait for one, while its timeout runs. */
    @Override
    public OptionalInt capacity() {
        return OptionalInt.of(settings.maximumConnections());
    }

    private void describe(EventPost post) throws IOException {
        post.describe(clock.millis());
        for (Header header : settings.headers()) {
            post.add(header);
        }
        BearerTokenFile token = settings.tokenFile();
        if (token != null) {
            post.add(token.header());
        }
    }

    private InvocationOutcome exchange(EventPost post) throws InterruptedException {
        ClassicHttpResponse response;
        try {
            response = connections.client().executeOpen(target, post.message(), HttpClientContext.create());
        } catch (IOException e) {
            stopIfInterrupted();
            return failures.beforeTheAnswer(post, e);
        } catch (CancellationException e) {
            // How the library's pool ends the wait for a free connection when the watch aborts the request.
            stopIfInterrupted();
            return failures.beforeTheAnswer(post, new InterruptedIOException("aborted while waiting for a connection"));
        }
        try {
            return answers.read(response, post);
        } catch (IOException e) {
            stopIfInterrupted();
            return failures.withinTheAnswer(post, e);
        } finally {
            release(response, post);
        }
    }

    /** Gives the connection back, or closes it where the answer was not read to its end. */
    private static void release(ClassicHttpResponse response, EventPost post) {
        try {
            response.close();
        } catch (IOException e) {
            // The outcome is known; a connection in doubt is closed for good.
            post.abort();
        }
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while invoking a function");
        }
    }

    @Override
    public void close() {
        watch.close();
        connections.close();
    }
}
