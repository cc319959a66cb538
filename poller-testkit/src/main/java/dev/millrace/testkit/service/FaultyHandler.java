package dev.millrace.testkit.service;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.wire.Answer;
import dev.millrace.testkit.wire.HttpFront;
import dev.millrace.testkit.wire.HttpReply;
import dev.millrace.testkit.wire.HttpRequest;
import dev.millrace.testkit.wire.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers the requests to a server of ours, well or badly. Thread-safe. */
public final class FaultyHandler implements HttpFront.Handler {

    private final Api api;
    private final Faults faults;
    private final Calls calls;

    public FaultyHandler(Api api, Faults faults, Calls calls) {
        this.api = api;
        this.faults = faults;
        this.calls = calls;
    }

    /** A request on its way to its answer. */
    private record Exchange(Calls.Call call, Request request, Protocol protocol, HttpReply reply) {}

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
        Calls.Call call = new Calls.Call(operation, api.streamOf(request), api.shardOf(request));
        calls.begun(call);
        Fault fault = faults.strike(call);
        if (fault != null) {
            calls.struck(call);
        }
        suffer(new Exchange(call, request, protocol, reply), fault);
    }

    private void suffer(Exchange exchange, @Nullable Fault fault) throws IOException, InterruptedException {
        HttpReply reply = exchange.reply();
        switch (fault) {
            case null -> carryOut(exchange, null);
            case Fault.Refused(int status, String code, String message) ->
                send(refusal(exchange.protocol(), new Refusal(status, code, message)), reply);
            case Fault.Disconnected() -> reply.close();
            case Fault.AnswerLost() -> {
                run(exchange);
                reply.close();
            }
            case Fault.AnswerCut() -> cut(exchange);
            case Fault.Stalled() -> stall(reply);
            case Fault.Delayed(Duration time) -> delay(exchange, () -> reply.pause(time));
            case Fault.Held(CountDownLatch until) -> delay(exchange, () -> opens(until));
            case Fault.EmptyRead() -> send(answer(exchange, api::emptyRead), reply);
            case Fault.Meanwhile(Runnable action) -> {
                action.run();
                carryOut(exchange, null);
            }
            case Fault.SubscriptionCut _, Fault.SubscriptionFailed _ -> carryOut(exchange, fault);
        }
    }

    private void carryOut(Exchange exchange, @Nullable Fault fault) throws IOException, InterruptedException {
        if (!isSubscription(exchange)) {
            send(run(exchange), exchange.reply());
            return;
        }
        try {
            api.subscribe(exchange.request(), exchange.protocol(), exchange.reply(), fault);
        } catch (Refusal e) {
            send(refusal(exchange.protocol(), e), exchange.reply());
        }
    }

    private boolean isSubscription(Exchange exchange) {
        return api.isSubscription(exchange.call().operation());
    }

    private void cut(Exchange exchange) throws IOException, InterruptedException {
        if (isSubscription(exchange)) {
            carryOut(exchange, new Fault.SubscriptionCut(0));
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
        if (isSubscription(exchange)) {
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
        return answer(exchange, request -> api.run(exchange.call().operation(), request));
    }

    private Prepared answer(Exchange exchange, Operation operation) {
        Protocol protocol = exchange.protocol();
        try {
            Answer answer = operation.run(exchange.request());
            return new Prepared(200, headers(protocol), protocol.write(answer));
        } catch (Refusal e) {
            return refusal(protocol, e);
        }
    }

    private Prepared refusal(Protocol protocol, Refusal refusal) {
        Map<String, String> headers = headers(protocol);
        headers.put("x-amzn-ErrorType", refusal.code());
        Payload body = protocol.write(fields -> {
            fields.text("__type", api.typeOf(refusal.code()));
            fields.text("message", refusal.explanation());
        });
        return new Prepared(refusal.status(), headers, body);
    }

    private Map<String, String> headers(Protocol protocol) {
        Map<String, String> headers = new LinkedHashMap<>(api.headers());
        headers.put("Content-Type", protocol.contentType());
        return headers;
    }

    private static void send(Prepared answer, HttpReply reply) throws IOException {
        reply.send(answer.status(), answer.headers(), answer.body());
    }
}
