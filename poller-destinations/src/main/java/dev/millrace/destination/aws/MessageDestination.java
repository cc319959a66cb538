package dev.millrace.destination.aws;

import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;

/** A queue or a topic that gets a message for each discard, of at most 256 KB (spec 4.6). Thread-safe. */
final class MessageDestination implements Destination {

    /** Bytes of a message, attributes included, of which ours have none. Each queue and topic takes this much or less. */
    static final int LARGEST_MESSAGE = 262_144;

    private final Consumer<String> sending;
    private final boolean includePayload;
    private final DeliveryFailures failures;
    private final LongAdder withoutPayload = new LongAdder();

    /**
     * Does not connect.
     *
     * @param sending sends one message; fails as calls of the SDK do
     * @param includePayload whether the event goes along where it fits
     * @param failures what it means when a call fails
     */
    MessageDestination(Consumer<String> sending, boolean includePayload, DeliveryFailures failures) {
        this.sending = sending;
        this.includePayload = includePayload;
        this.failures = failures;
    }

    /** Sends metadata only, unless the event is wanted and fits. */
    @Override
    public void deliver(InvocationRecord record) throws DestinationException, InterruptedException {
        if (!includePayload) {
            send(record.document().text());
        } else if (!sentWithPayload(record)) {
            send(record.document().text());
            withoutPayload.increment();
        }
    }

    @Override
    public long deliveredWithoutPayload() {
        return withoutPayload.sum();
    }

    /** Whether the record went out together with its event. */
    private boolean sentWithPayload(InvocationRecord record) throws DestinationException, InterruptedException {
        // Escaping only adds bytes, so an event that is too large as it is need not be serialised.
        if (record.document().size() + record.event().size() > LARGEST_MESSAGE) {
            return false;
        }
        String message = permitted(record.withPayload().text());
        if (message.getBytes(StandardCharsets.UTF_8).length > LARGEST_MESSAGE) {
            return false;
        }
        try {
            send(message);
            return true;
        } catch (DestinationException e) {
            // A queue's own limit may be lower.
            if (e.permanent()) {
                return false;
            }
            throw e;
        }
    }

    /** Escapes the two characters that JSON allows and messages do not; in JSON they stand in strings only. */
    private static String permitted(String json) {
        return json.replace("\uFFFE", "\\ufffe").replace("\uFFFF", "\\uffff");
    }

    private void send(String message) throws DestinationException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before delivering to " + failures.destination());
        }
        try {
            sending.accept(message);
        } catch (SdkException e) {
            throw failures.of(e);
        }
    }

    /** Nothing to close: the clients belong to the provider. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "MessageDestination[" + failures.destination() + "]";
    }
}
