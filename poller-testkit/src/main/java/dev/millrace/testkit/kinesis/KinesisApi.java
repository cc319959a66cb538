package dev.millrace.testkit.kinesis;

import dev.millrace.testkit.kinesis.operation.Operations;
import dev.millrace.testkit.kinesis.operation.Service;
import dev.millrace.testkit.kinesis.operation.Subscriptions;
import dev.millrace.testkit.service.Api;
import dev.millrace.testkit.service.Fault;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import dev.millrace.testkit.wire.EventMessage;
import dev.millrace.testkit.wire.HttpReply;
import dev.millrace.testkit.wire.Protocol;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All operations of a {@link KinesisServer}. Thread-safe. */
final class KinesisApi implements Api {

    private final Operations operations;
    private final Subscriptions subscriptions;

    KinesisApi(Service service) {
        this.operations = new Operations(service);
        this.subscriptions = new Subscriptions(service);
    }

    @Override
    public String streamOf(Request request) {
        return Operations.streamOf(request);
    }

    @Override
    public String shardOf(Request request) {
        return Operations.shardOf(request);
    }

    @Override
    public Answer run(String operation, Request request) {
        return operations.run(operation, request);
    }

    @Override
    public Answer emptyRead(Request request) {
        return operations.emptyRead(request);
    }

    @Override
    public boolean isSubscription(String operation) {
        return operation.equals(KinesisCalls.SUBSCRIBE);
    }

    @Override
    public void subscribe(Request request, Protocol protocol, HttpReply reply, @Nullable Fault fault)
            throws IOException, InterruptedException {
        Map<String, String> headers = new HashMap<>(headers());
        headers.put("Content-Type", EventMessage.CONTENT_TYPE);
        try {
            subscriptions.subscribe(request, protocol, new SubscriptionSink(protocol, reply, headers, fault));
        } catch (SubscriptionSink.Ended e) {
            // As the fault wanted it.
        }
    }
}
