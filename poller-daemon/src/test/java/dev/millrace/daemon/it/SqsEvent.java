package dev.millrace.daemon.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An event as a function gets it, as far as tests look at it. */
record SqsEvent(List<Message> messages) {

    private static final ObjectMapper JSON = new ObjectMapper();

    record Message(
            String id,
            String body,
            int receiveCount,
            @Nullable String group) {}

    static SqsEvent of(FunctionCall call) {
        try {
            List<Message> messages = new ArrayList<>();
            for (JsonNode message : JSON.readTree(call.body().bytes()).get("Records")) {
                messages.add(new Message(
                        message.get("messageId").asText(),
                        message.get("body").asText(),
                        message.at("/attributes/ApproximateReceiveCount").asInt(),
                        message.at("/attributes/MessageGroupId").textValue()));
            }
            return new SqsEvent(List.copyOf(messages));
        } catch (IOException e) {
            throw new AssertionError("not an event: " + call, e);
        }
    }

    List<String> bodies() {
        return messages.stream().map(Message::body).toList();
    }

    /** The answer that reports these messages as failed. */
    static FunctionAnswer failing(List<Message> failed) {
        return FunctionAnswer.ok(failed.stream()
                .map(message -> "{\"itemIdentifier\":\"" + message.id() + "\"}")
                .collect(Collectors.joining(",", "{\"batchItemFailures\":[", "]}")));
    }
}
