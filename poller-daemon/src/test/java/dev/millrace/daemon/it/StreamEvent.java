package dev.millrace.daemon.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An event of a Kinesis stream as a function gets it, as far as tests look at it.
 *
 * @param json all of it
 */
public record StreamEvent(List<Item> items, JsonNode json) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param data decoded, as text */
    public record Item(String shardId, String sequenceNumber, String partitionKey, String data) {}

    public static StreamEvent of(FunctionCall call) {
        try {
            JsonNode event = JSON.readTree(call.body().bytes());
            List<Item> items = new ArrayList<>();
            for (JsonNode item : event.get("Records")) {
                JsonNode kinesis = item.get("kinesis");
                String id = item.get("eventID").asText();
                items.add(new Item(
                        id.substring(0, id.indexOf(':')),
                        kinesis.get("sequenceNumber").asText(),
                        kinesis.get("partitionKey").asText(),
                        new String(
                                Base64.getDecoder().decode(kinesis.get("data").asText()), StandardCharsets.UTF_8)));
            }
            return new StreamEvent(List.copyOf(items), event);
        } catch (IOException e) {
            throw new AssertionError("not an event: " + call, e);
        }
    }

    /** The data of the records, in order. */
    public List<String> data() {
        return items.stream().map(Item::data).toList();
    }

    public boolean has(String data) {
        return data().contains(data);
    }

    /** The answer that reports this record, and with it all that follow, as failed. */
    public FunctionAnswer failingAt(String data) {
        String number = items.stream()
                .filter(item -> item.data().equals(data))
                .map(Item::sequenceNumber)
                .findFirst()
                .orElseThrow();
        return FunctionAnswer.ok("{\"batchItemFailures\":[{\"itemIdentifier\":\"" + number + "\"}]}");
    }

    /** The answer of a function whose code fails. */
    public static FunctionAnswer error(String message) {
        return FunctionAnswer.status(500, "{\"errorType\":\"Poison\",\"errorMessage\":\"" + message + "\"}");
    }
}
