package dev.millrace.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * The function that the quickstart invokes: a process that speaks the Lambda Runtime API, as any Lambda runtime does. It
 * writes the id of each message it has processed into the file {@code LEDGER}, and reports those that it cannot process as
 * batch item failures: {@code poison} ones always, {@code flaky} ones the first time.
 */
public final class SampleFunction {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REQUEST_ID = "Lambda-Runtime-Aws-Request-Id";

    private final String runtime;
    private final Path ledger;

    private SampleFunction(String api, Path ledger) {
        this.runtime = "http://" + api + "/2018-06-01/runtime/invocation/";
        this.ledger = ledger;
    }

    public static void main(String[] arguments) throws IOException {
        SampleFunction function = new SampleFunction(required("AWS_LAMBDA_RUNTIME_API"), Path.of(required("LEDGER")));
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
        HttpURLConnection response = open(requestId + "/response");
        response.setDoOutput(true);
        response.getOutputStream().write(JSON.writeValueAsBytes(handle(event)));
        try (InputStream accepted = response.getInputStream()) {
            accepted.readAllBytes();
        }
    }

    private HttpURLConnection open(String path) throws IOException {
        return (HttpURLConnection) URI.create(runtime + path).toURL().openConnection();
    }

    /** The handler proper: an SQS event in, batch item failures out. */
    private ObjectNode handle(JsonNode event) throws IOException {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode failures = answer.putArray("batchItemFailures");
        Set<String> failedGroups = new HashSet<>();
        for (JsonNode message : event.get("Records")) {
            String group = message.at("/attributes/MessageGroupId").asText();
            boolean afterFailure = !group.isEmpty() && failedGroups.contains(group);
            if (afterFailure || !process(message)) {
                failedGroups.add(group);
                failures.addObject()
                        .put("itemIdentifier", message.get("messageId").asText());
            }
        }
        return answer;
    }

    private boolean process(JsonNode message) throws IOException {
        JsonNode order = JSON.readTree(message.get("body").asText());
        boolean firstTime = message.at("/attributes/ApproximateReceiveCount").asInt() == 1;
        boolean fails = switch (order.get("kind").asText()) {
            case "poison" -> true;
            case "flaky" -> firstTime;
            default -> false;
        };
        if (!fails) {
            Files.writeString(
                    ledger, order.get("id").asText() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        return !fails;
    }
}
