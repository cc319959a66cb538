package dev.millrace.invoker.http;

import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Payload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/**
 * One request that carries an event, on its way. Owned by the thread that invokes; the {@link DeadlineWatch} only reads
 * when it is due and aborts it.
 */
final class EventPost {

    static final String REQUEST_ID = "X-Amzn-RequestId";
    static final String TRACE_ID = "X-Amzn-Trace-Id";
    static final String FUNCTION_ARN = "X-Amz-Invoked-Function-Arn";
    static final String EXECUTED_VERSION = "X-Amz-Executed-Version";

    /** When the function must have answered, in milliseconds since 1970. */
    static final String DEADLINE = "X-Millrace-Deadline-Ms";

    private static final String JSON = "application/json";

    private final InvocationRequest invocation;
    private final HttpUriRequestBase message;
    private final Body body;
    private final Thread caller = Thread.currentThread();
    private final long dueNanos;

    /** Set by the watch before it aborts, read by the caller after it was aborted. */
    private volatile boolean overdue;

    EventPost(URI url, InvocationRequest invocation, long nowNanos) {
        this.invocation = invocation;
        this.message = new HttpUriRequestBase("POST", url);
        this.body = new Body(invocation.event());
        this.dueNanos = nowNanos + invocation.timeout().toNanos();
        message.setEntity(body);
    }

    /** Adds the headers that belong to this invocation alone. */
    void describe(long nowMillis) {
        message.addHeader(REQUEST_ID, invocation.requestId());
        message.addHeader(FUNCTION_ARN, invocation.functionArn());
        message.addHeader(EXECUTED_VERSION, invocation.executedVersion());
        message.addHeader(
                DEADLINE, Long.toString(nowMillis + invocation.timeout().toMillis()));
        String trace = invocation.traceHeader();
        if (trace != null) {
            message.addHeader(TRACE_ID, trace);
        }
    }

    void add(Header header) {
        message.addHeader(header);
    }

    HttpUriRequestBase message() {
        return message;
    }

    String requestId() {
        return invocation.requestId();
    }

    Duration timeout() {
        return invocation.timeout();
    }

    /** Whether any part of the event may have reached the function. */
    boolean isSent() {
        return body.sent;
    }

    boolean isOverdue() {
        return overdue;
    }

    /** Nanoseconds until it is due; zero or less when it is. */
    long dueIn(long nowNanos) {
        return dueNanos - nowNanos;
    }

    boolean callerIsInterrupted() {
        return caller.isInterrupted();
    }

    /** Ends the request because its time is over. Called by the watch. */
    void expire() {
        overdue = true;
        abort();
    }

    /** Closes the connection, if there is one, so that whatever the caller waits for ends. Any thread. */
    void abort() {
        message.abort();
    }

    /** The event as it goes over the wire: its segments, one after the other, without being put together first. */
    private static final class Body extends AbstractHttpEntity {

        private final Payload event;
        private boolean sent;

        Body(Payload event) {
            super(JSON, null);
            this.event = event;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            sent = true;
            event.writeTo(out);
        }

        @Override
        public long getContentLength() {
            return event.size();
        }

        @Override
        public InputStream getContent() {
            return new ByteArrayInputStream(event.bytes());
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }

        @Override
        public boolean isStreaming() {
            return false;
        }

        @Override
        public void close() {
            // Nothing is held open.
        }
    }
}
