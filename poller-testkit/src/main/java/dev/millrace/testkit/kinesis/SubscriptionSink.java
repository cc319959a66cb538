package dev.millrace.testkit.kinesis;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.kinesis.operation.Subscriptions;
import dev.millrace.testkit.service.Fault;
import dev.millrace.testkit.wire.EventMessage;
import dev.millrace.testkit.wire.HttpReply;
import dev.millrace.testkit.wire.Protocol;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A subscription's way to its subscriber, which may break. Owned by the connection's thread. */
final class SubscriptionSink implements Subscriptions.Sink {

    /** The subscription has ended in the way that a fault wanted. */
    static final class Ended extends IOException {

        private static final long serialVersionUID = 1L;
    }

    private final Protocol protocol;
    private final HttpReply reply;
    private final Map<String, String> headers;
    private final @Nullable Fault fault;
    /** Messages so far; the first one is no event but the answer. */
    private int sent;

    SubscriptionSink(Protocol protocol, HttpReply reply, Map<String, String> headers, @Nullable Fault fault) {
        this.protocol = protocol;
        this.reply = reply;
        this.headers = headers;
        this.fault = fault;
    }

    @Override
    public void begin() throws IOException {
        reply.begin(200, headers);
    }

    @Override
    public void send(Payload message) throws IOException {
        int events = sent - 1;
        if (fault instanceof Fault.SubscriptionCut(int before, Fault.Cut how) && events == before) {
            cut(how, message);
            throw new Ended();
        }
        if (fault instanceof Fault.SubscriptionFailed(int before, String code) && events == before) {
            reply.piece(EventMessage.exception(
                    code, protocol, fields -> fields.text("message", "The subscription was ended by a fault.")));
            reply.end();
            throw new Ended();
        }
        reply.piece(message);
        sent++;
    }

    private void cut(Fault.Cut how, Payload message) throws IOException {
        switch (how) {
            case INSIDE_AN_EVENT -> reply.halfPiece(message);
            case BETWEEN_EVENTS -> reply.close();
            case RESET -> reply.reset();
            case ENDED_BY_HTTP -> reply.end();
        }
    }

    @Override
    public void end() throws IOException {
        reply.end();
    }
}
