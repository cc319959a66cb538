package dev.millrace.testkit.kinesis;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.kinesis.model.Refusal;
import dev.millrace.testkit.kinesis.operation.Operation;
import dev.millrace.testkit.kinesis.operation.Operations;
import dev.millrace.testkit.kinesis.operation.Request;
import dev.millrace.testkit.kinesis.operation.Subscriptions;
import dev.millrace.testkit.kinesis.wire.Answer;
import dev.millrace.testkit.kinesis.wire.EventMessage;
import dev.millrace.testkit.kinesis.wire.HttpFront;
import dev.millrace.testkit.kinesis.wire.HttpReply;
import dev.millrace.testkit.kinesis.wire.HttpRequest;
import dev.millrace.testkit.kinesis.wire.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers the requests to a {@link KinesisServer}, well or badly. Thread-safe. */
final class FaultyHandler implements HttpFront.Handler {

    private final Operations operations;
    private final Subscriptions subscriptions;
    private final KinesisFaults faults;
    private final KinesisCalls calls;

    FaultyHandler(Operations operations, Subscriptions subscriptions, KinesisFaults faults, KinesisCalls calls) {
        this.operations = operations;
        this.subscriptions = subscriptions;
        this.faults = faults;
        this.calls = calls;
    }

    /** A request on its way to its answer. */
    private record Exchange(KinesisCalls.Call call, Request request, Protocol protocol, HttpReply reply) {

        boolean isSubscription() {
            return call.operation().equals(KinesisCalls.SUBSCRIBE);
        }
    }

    /** A complete answer, before it is sent. */
    private record Prepared(int status, Map<String, String> headers, Payload body) {}

    @Override
    public void handle(HttpRequest http, HttpReply reply) throws IOException, InterruptedException {
        Protocol protocol = Protocol.of(http.header("Content-Type")).orElse(Protocol.JSON);
        Request request;
        try {
            request = Request.read(protocol, http.body());
        } catch (Refusal e) {
            send(refusal(protocol, e), reply);
            return;
        }
        String target = http.header("X-Amz-Target");
        String operation = target.substring(target.indexOf('.') + 1);
        KinesisCalls.Call call =
                new KinesisCalls.Call(operation, Operations.streamOf(request), Operations.shardOf(request));
        calls.begun(call);
        KinesisFault fault = faults.strike(call);
        if (fault != null) {
            calls.struck(call);
        }
        suffer(new Exchange(call, request, protocol, reply), fault);
    }

    private void suffer(Exchange exchange, @Nullable KinesisFault fault) throws IOException, InterruptedException {
        HttpReply reply = exchange.reply();
        switch (fault) {
            case null -> carryOut(exchange, null);
            case KinesisFault.Refused(int status, String code, String message) ->
                send(refusal(exchange.protocol(), new Refusal(status, code, message)), reply);
            case KinesisFault.Disconnected() -> reply.close();
            case KinesisFault.AnswerLost() -> {
                run(exchange);
                reply.close();
            }
            case KinesisFault.AnswerCut() -> cut(exchange);
            case KinesisFault.Stalled() -> stall(reply);
            case KinesisFault.Delayed(Duration time) -> delay(exchange, () -> reply.pause(time));
            case KinesisFault.Held(CountDownLatch until) -> delay(exchange, () -> opens(until));
            case KinesisFault.EmptyRead() -> send(answer(exchange, operations::emptyRead), reply);
            case KinesisFault.Meanwhile(Runnable action) -> {
                action.run();
                carryOut(exchange, null);
            }
            case KinesisFault.SubscriptionCut _, KinesisFault.SubscriptionFailed _ -> carryOut(exchange, fault);
        }
    }

    private void carryOut(Exchange exchange, @Nullable KinesisFault fault) throws IOException, InterruptedException {
        if (!exchange.isSubscription()) {
            send(run(exchange), exchange.reply());
            return;
        }
        SubscriptionSink sink = new SubscriptionSink(exchange.protocol(), exchange.reply(), headers(), fault);
        try {
            subscriptions.subscribe(exchange.request(), exchange.protocol(), sink);
        } catch (Refusal e) {
            send(refusal(exchange.protocol(), e), exchange.reply());
        } catch (SubscriptionSink.Ended e) {
            // As the fault wanted it.
        }
    }

    private void cut(Exchange exchange) throws IOException, InterruptedException {
        if (exchange.isSubscription()) {
            carryOut(exchange, new KinesisFault.SubscriptionCut(0));
        } else {
            Prepared answer = run(exchange);
            exchange.reply().sendHalf(answer.status(), answer.headers(), answer.body());
        }
    }

    private void stall(HttpReply reply) throws IOException {
        try {
            reply.hang();
        } finally {
            calls.abandoned();
        }
    }

    /** Something to wait for; tells whether it was worth it. */
    @FunctionalInterface
    private interface Wait {
        boolean pass() throws InterruptedException;
    }

    private void delay(Exchange exchange, Wait wait) throws IOException, InterruptedException {
        if (exchange.isSubscription()) {
            if (wait.pass()) {
                carryOut(exchange, null);
            }
            return;
        }
        Prepared answer = run(exchange);
        if (wait.pass()) {
            send(answer, exchange.reply());
        }
    }

    private static boolean opens(CountDownLatch latch) throws InterruptedException {
        return latch.await(Eventually.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    // ---- answers ----

    private Prepared run(Exchange exchange) {
        return answer(exchange, request -> operations.run(exchange.call().operation(), request));
    }

    private static Prepared answer(Exchange exchange, Operation operation) {
        Protocol protocol = exchange.protocol();
        try {
            Answer answer = operation.run(exchange.request());
            return new Prepared(200, headers(protocol.contentType()), protocol.write(answer));
        } catch (Refusal e) {
            return refusal(protocol, e);
        }
    }

    private static Prepared refusal(Protocol protocol, Refusal refusal) {
        Map<String, String> headers = headers(protocol.contentType());
        headers.put("x-amzn-ErrorType", refusal.code());
        Payload body = protocol.write(fields -> {
            fields.text("__type", refusal.code());
            fields.text("message", refusal.explanation());
        });
        return new Prepared(refusal.status(), headers, body);
    }

    private static Map<String, String> headers() {
        return headers(EventMessage.CONTENT_TYPE);
    }

    private static Map<String, String> headers(String contentType) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-amzn-RequestId", UUID.randomUUID().toString());
        headers.put("Content-Type", contentType);
        return headers;
    }

    private static void send(Prepared answer, HttpReply reply) throws IOException {
        reply.send(answer.status(), answer.headers(), answer.body());
    }
}
