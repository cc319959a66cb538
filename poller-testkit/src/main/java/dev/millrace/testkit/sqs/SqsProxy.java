package dev.millrace.testkit.sqs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An SQS-compatible server behind a network and a set of rights that a test can break on cue: passes SQS's JSON protocol on to
 * the server, except for the calls that a {@link SqsFault} strikes. A fault strikes calls that begin after it was set.
 * Thread-safe.
 */
public final class SqsProxy implements AutoCloseable {

    /** Every operation, in place of the name of one. */
    public static final String EVERYTHING = "*";

    public static final String RECEIVE = "ReceiveMessage";
    public static final String DELETE = "DeleteMessageBatch";
    public static final String CHANGE_VISIBILITY = "ChangeMessageVisibilityBatch";
    public static final String GET_URL = "GetQueueUrl";

    private static final String PROTOCOL = "application/x-amz-json-1.0";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longer than any long poll. */
    private static final int SERVER_ANSWERS_WITHIN_MILLIS = 60_000;

    private record Rule(String queue, String operation, SqsFault fault, boolean once) {
        boolean concerns(Call call) {
            return queue.equals(call.queue()) && (operation.equals(EVERYTHING) || operation.equals(call.operation()));
        }
    }

    /**
     * One call, as far as faults look at it.
     *
     * @param at {@link System#nanoTime()} of its arrival
     */
    private record Call(String queue, String operation, boolean struck, long at) {}

    private final SqsServer behind;
    private final FunctionServer front = FunctionServer.start();

    // Guarded by this, as everything below.
    private final List<Rule> rules = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();

    public SqsProxy(SqsServer behind) {
        this.behind = behind;
        front.always(this::answer);
    }

    /** The same server, seen through the proxy. */
    public SqsServer server() {
        URI front = URI.create("http://127.0.0.1:" + this.front.port());
        return new SqsServer(behind.name() + " behind a proxy", front, behind.region(), behind.account());
    }

    // ---- faults ----

    /** From now on every call of this operation on this queue suffers the fault. */
    public synchronized void always(TestQueue queue, String operation, SqsFault fault) {
        rules.add(new Rule(queue.name(), operation, fault, false));
    }

    /** The next calls of this operation on this queue suffer one of these faults each, in order. */
    public synchronized void next(TestQueue queue, String operation, SqsFault... faults) {
        for (SqsFault fault : faults) {
            rules.add(new Rule(queue.name(), operation, fault, true));
        }
    }

    /** Nothing goes wrong with this queue any more. */
    public synchronized void heal(TestQueue queue) {
        rules.removeIf(rule -> rule.queue().equals(queue.name()));
    }

    // ---- what was asked ----

    /** Calls of this operation on this queue that have begun so far, struck or not. */
    public synchronized long calls(TestQueue queue, String operation) {
        return calls.stream().filter(call -> is(call, queue, operation)).count();
    }

    /** Calls of this operation on this queue that a fault has struck so far. */
    public synchronized long struck(TestQueue queue, String operation) {
        return struckCalls(queue, operation).size();
    }

    /** Waits for so many calls that a fault has struck, and answers the time from the first of them to the last. */
    public Duration awaitStruckWithin(TestQueue queue, String operation, int count) {
        awaitStruck(queue, operation, count);
        synchronized (this) {
            List<Call> struck = struckCalls(queue, operation);
            return Duration.ofNanos(
                    struck.get(count - 1).at() - struck.getFirst().at());
        }
    }

    private List<Call> struckCalls(TestQueue queue, String operation) {
        return calls.stream()
                .filter(call -> call.struck() && is(call, queue, operation))
                .toList();
    }

    private static boolean is(Call call, TestQueue queue, String operation) {
        return call.queue().equals(queue.name())
                && (operation.equals(EVERYTHING) || operation.equals(call.operation()));
    }

    /** Waits until faults have struck so many calls of this operation on this queue. */
    public void awaitStruck(TestQueue queue, String operation, int count) {
        Eventually.until(
                count + " faults at " + operation + " of " + queue.name(), () -> struck(queue, operation) >= count);
    }

    /** Waits until clients have given up on so many stalled calls, however long their patience. */
    public void awaitAbandoned(int count) {
        Eventually.holds(count + " stalled calls to be given up", () -> front.awaitAbandoned(count));
    }

    // ---- the wire ----

    private FunctionAnswer answer(FunctionCall call) {
        try {
            JsonNode request = JSON.readTree(call.body().bytes());
            String target = call.header("X-Amz-Target").orElse("");
            String operation = target.substring(target.indexOf('.') + 1);
            SqsFault fault = begun(queue(request), operation);
            return fault == null ? forward(call) : suffer(fault, call, request, operation);
        } catch (IOException e) {
            // The server behind is gone, and so is the connection.
            return new FunctionAnswer.Close();
        }
    }

    private static String queue(JsonNode request) {
        String url = request.path("QueueUrl").asText();
        return url.isEmpty() ? request.path("QueueName").asText() : url.substring(url.lastIndexOf('/') + 1);
    }

    /** Notes the call and tells what goes wrong with it. */
    private synchronized @Nullable SqsFault begun(String queue, String operation) {
        Call call = new Call(queue, operation, false, System.nanoTime());
        for (Iterator<Rule> remaining = rules.iterator(); remaining.hasNext(); ) {
            Rule rule = remaining.next();
            if (rule.concerns(call)) {
                if (rule.once()) {
                    remaining.remove();
                }
                calls.add(new Call(queue, operation, true, call.at()));
                return rule.fault();
            }
        }
        calls.add(call);
        return null;
    }

    private FunctionAnswer suffer(SqsFault fault, FunctionCall call, JsonNode request, String operation)
            throws IOException {
        return switch (fault) {
            case SqsFault.Refused(int status, String code) ->
                json(status, "{\"__type\":\"com.amazonaws.sqs#" + code + "\",\"message\":\"refused by the proxy\"}")
                        .header("x-amzn-query-error", code + (status < 500 ? ";Sender" : ";Receiver"));
            case SqsFault.Disconnected() -> new FunctionAnswer.Close();
            case SqsFault.AnswerLost() -> {
                forward(call);
                yield new FunctionAnswer.Close();
            }
            case SqsFault.Swallowed() -> json(200, success(request, operation));
            case SqsFault.Stalled() -> new FunctionAnswer.Hang();
            case SqsFault.Held(var until) -> {
                FunctionAnswer answer = forward(call);
                await(until);
                yield answer;
            }
        };
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(Eventually.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("an answer was held for " + Eventually.PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while an answer was held", e);
        }
    }

    private static String success(JsonNode request, String operation) {
        if (!operation.endsWith("Batch")) {
            return "{}";
        }
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode successful = answer.putArray("Successful");
        answer.putArray("Failed");
        for (JsonNode entry : request.path("Entries")) {
            successful.addObject().set("Id", entry.get("Id"));
        }
        return answer.toString();
    }

    private static FunctionAnswer.Reply json(int status, String body) {
        return FunctionAnswer.status(status, body).header("Content-Type", PROTOCOL);
    }

    private FunctionAnswer forward(FunctionCall call) throws IOException {
        byte[] body = call.body().bytes();
        HttpURLConnection connection = (HttpURLConnection)
                behind.endpoint().resolve(call.target()).toURL().openConnection();
        connection.setRequestMethod(call.method());
        connection.setDoOutput(true);
        connection.setReadTimeout(SERVER_ANSWERS_WITHIN_MILLIS);
        // Also keeps the connection from sending a request twice, which would burn a receive count.
        connection.setFixedLengthStreamingMode(body.length);
        for (Map.Entry<String, String> header : call.headers().entrySet()) {
            if (!header.getKey().equalsIgnoreCase("Connection")) {
                connection.setRequestProperty(header.getKey(), header.getValue());
            }
        }
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            FunctionAnswer.Reply answer = json(status, in == null ? "" : text(in));
            String code = connection.getHeaderField("x-amzn-query-error");
            return code == null ? answer : answer.header("x-amzn-query-error", code);
        }
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Ends all connections. The server goes on. */
    @Override
    public void close() {
        front.close();
    }
}
