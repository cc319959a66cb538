package dev.millrace.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The function that the quickstart invokes: a process that speaks the Lambda Runtime API, as any Lambda runtime does.
 * It writes the id of each message, record or change it has processed into the file {@code LEDGER}. Messages that it cannot
 * process it reports as batch item failures: {@code poison} ones always, {@code flaky} ones the first time. Of records
 * it processes a batch as a whole or not at all: with a {@code poison} one among them it throws.
 */
public final class SampleFunction {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REQUEST_ID = "Lambda-Runtime-Aws-Request-Id";
    private static final String POISON = "poison";

    private final String runtime;
    private final Ledger ledger;

    private SampleFunction(String api, Ledger ledger) {
        this.runtime = "http://" + api + "/2018-06-01/runtime/invocation/";
        this.ledger = ledger;
    }

    public static void main(String[] arguments) throws IOException {
        SampleFunction function =
                new SampleFunction(required("AWS_LAMBDA_RUNTIME_API"), new Ledger(Path.of(required("LEDGER"))));
        while (true) {
            function.handleNext();
        }
    }

    private static String required(String variable) {
        String value = System.getenv(variable);
        if (value == null) {
            throw new IllegalStateException(variable + " is not set; the daemon's Process invoker sets it");
        }
        return value;
    }

    private void handleNext() throws IOException {
        HttpURLConnection next = open("next");
        String requestId = next.getHeaderField(REQUEST_ID);
        JsonNode event;
        try (InputStream body = next.getInputStream()) {
            event = JSON.readTree(body);
        }
        try {
            post(requestId + "/response", handle(event));
        } catch (PoisonException e) {
            post(
                    requestId + "/error",
                    JSON.createObjectNode().put("errorType", "PoisonException").put("errorMessage", e.getMessage()));
        }
    }

    private void post(String path, ObjectNode body) throws IOException {
        HttpURLConnection post = open(path);
        post.setDoOutput(true);
        post.getOutputStream().write(JSON.writeValueAsBytes(body));
        try (InputStream accepted = post.getInputStream()) {
            accepted.readAllBytes();
        }
    }

    private HttpURLConnection open(String path) throws IOException {
        return (HttpURLConnection) URI.create(runtime + path).toURL().openConnection();
    }

    /** The handler proper: an event of SQS, Kinesis or DynamoDB in, batch item failures out. */
    private ObjectNode handle(JsonNode event) throws IOException, PoisonException {
        JsonNode records = event.get("Records");
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode failures = answer.putArray("batchItemFailures");
        switch (records.at("/0/eventSource").asText()) {
            case "aws:kinesis" -> handleClicks(records);
            case "aws:dynamodb" -> handleChanges(records);
            default -> handleOrders(records, failures);
        }
        return answer;
    }

    private void handleClicks(JsonNode records) throws IOException, PoisonException {
        List<String> ids = new ArrayList<>();
        for (JsonNode record : records) {
            // The data is in base64.
            JsonNode click = JSON.readTree(record.at("/kinesis/data").binaryValue());
            if (click.get("kind").asText().equals(POISON)) {
                String id = click.get("id").asText();
                ledger.failed(new Ledger.FailedBatch(id, records.size()));
                throw new PoisonException("cannot process " + id);
            }
            ids.add(click.get("id").asText());
        }
        ledger.processed(ids);
    }

    private void handleChanges(JsonNode records) throws IOException {
        List<String> ids = new ArrayList<>();
        for (JsonNode record : records) {
            ids.add(record.at("/dynamodb/NewImage/" + CartChange.ID + "/S").asText());
        }
        ledger.processed(ids);
    }

    private void handleOrders(JsonNode messages, ArrayNode failures) throws IOException {
        Set<String> failedGroups = new HashSet<>();
        for (JsonNode message : messages) {
            String group = message.at("/attributes/MessageGroupId").asText();
            boolean afterFailure = !group.isEmpty() && failedGroups.contains(group);
            if (afterFailure || !process(message)) {
                failedGroups.add(group);
                failures.addObject()
                        .put("itemIdentifier", message.get("messageId").asText());
            }
        }
    }

    private boolean process(JsonNode message) throws IOException {
        JsonNode order = JSON.readTree(message.get("body").asText());
        boolean firstTime = message.at("/attributes/ApproximateReceiveCount").asInt() == 1;
        boolean fails = switch (order.get("kind").asText()) {
            case POISON -> true;
            case "flaky" -> firstTime;
            default -> false;
        };
        if (!fails) {
            ledger.processed(List.of(order.get("id").asText()));
        }
        return !fails;
    }

    /** What the function throws for a record that it cannot process: a function error. */
    private static final class PoisonException extends Exception {

        private static final long serialVersionUID = 1L;

        PoisonException(String message) {
            super(message);
        }
    }
}
