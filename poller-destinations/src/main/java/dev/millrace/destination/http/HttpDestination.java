package dev.millrace.destination.http;

import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * An HTTP server that gets a POST for each discard: the record with the event. Any 2xx means that it has taken it.
 * Thread-safe. Call it on virtual threads: there an interrupt ends a request at once.
 */
final class HttpDestination implements Destination {

    /** The same for every delivery of one record, so that a receiver can tell a record that comes twice. */
    static final String RECORD_ID = "X-Millrace-Record-Id";

    private static final ContentType JSON = ContentType.create("application/json");

    private final ReceiverUrl receiver;
    private final CloseableHttpClient client;
    private final AnswerRules rules;
    private final Semaphore atATime = new Semaphore(HttpDestinationProvider.CONNECTIONS_PER_SERVER);

    /**
     * Does not connect.
     *
     * @param client belongs to the provider
     */
    HttpDestination(ReceiverUrl receiver, CloseableHttpClient client) {
        this.receiver = receiver;
        this.client = client;
        this.rules = new AnswerRules(receiver);
    }

    @Override
    public void deliver(InvocationRecord record) throws DestinationException, InterruptedException {
        // Before the record is serialised: those that wait for a connection shall not hold 13 MB each.
        atATime.acquire();
        try {
            post(record);
        } finally {
            atATime.release();
        }
    }

    private void post(InvocationRecord record) throws DestinationException, InterruptedException {
        HttpPost post = request(record);
        ClassicHttpResponse response;
        try {
            response = client.executeOpen(receiver.target(), post, HttpClientContext.create());
        } catch (IOException e) {
            stopIfInterrupted();
            throw rules.broken(e);
        }
        try {
            rules.judge(response, post);
        } finally {
            release(response, post);
        }
    }

    /** Gives the connection back, or closes it where the answer was not read to its end. */
    private static void release(ClassicHttpResponse response, HttpPost post) {
        try {
            response.close();
        } catch (IOException e) {
            // The status has said what matters; a connection in doubt is closed for good.
            post.abort();
        }
    }

    private HttpPost request(InvocationRecord record) {
        HttpPost post = new HttpPost(receiver.path());
        post.setEntity(new ByteArrayEntity(record.withPayload().bytes(), JSON));
        post.addHeader(RECORD_ID, record.id());
        if (receiver.authorization() != null) {
            post.addHeader(HttpHeaders.AUTHORIZATION, receiver.authorization());
        }
        return post;
    }

    private void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while delivering to " + receiver.shown());
        }
    }

    /** Nothing to close: the client belongs to the provider. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "HttpDestination[" + receiver.shown() + "]";
    }
}
