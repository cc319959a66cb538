package dev.millrace.invoke;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.NearestMatch;
import dev.millrace.invoke.InvocationOutcome.MalformedAnswer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a function's answer when the mapping has {@code ReportBatchItemFailures} (spec 4.4, 4.8, 7.2). */
public final class AnswerReader {

    private static final String FAILURES = "batchItemFailures";
    private static final String STATE = "state";
    /** Strict: of two values, or of a member given twice, one would be read over and its messages deleted. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private AnswerReader() {}

    /**
     * Turns a successful answer into what it says. Other outcomes pass through. Identifiers are not compared with the
     * batch here; that is the machine's part.
     */
    public static InvocationOutcome read(InvocationOutcome outcome) {
        return outcome instanceof InvocationOutcome.Succeeded succeeded ? read(succeeded) : outcome;
    }

    /**
     * What an answer within a tumbling window says (spec 5).
     *
     * @param outcome malformed when the answer has no state where one is required
     * @param state a JSON object, byte for byte as the function gave it: its numbers may have more digits than any type of
     *     Java's keeps; null when the invocation failed or none was required
     */
    public record WindowAnswer(
            InvocationOutcome outcome, @Nullable Payload state) {}

    /**
     * Reads a successful answer within a tumbling window. Other outcomes pass through.
     *
     * @param failures whether batch item failures are read as well
     * @param isFinal the window is over, so that its state is not needed any more
     */
    public static WindowAnswer readWindow(InvocationOutcome outcome, boolean failures, boolean isFinal) {
        if (!(outcome instanceof InvocationOutcome.Succeeded succeeded)) {
            return new WindowAnswer(outcome, null);
        }
        InvocationOutcome result = failures ? read(outcome) : outcome;
        if (isFinal || result instanceof MalformedAnswer) {
            return new WindowAnswer(result, null);
        }
        try {
            byte[] answer = succeeded.answer().bytes();
            JsonNode state = JSON.readTree(answer).get(STATE);
            return state != null && state.isObject()
                    ? window(result, state(answer))
                    : malformed("the answer has no 'state' that is an object, as tumbling windows require");
        } catch (IOException e) {
            return malformed("the answer is not JSON: " + e.getMessage());
        }
    }

    private static WindowAnswer window(InvocationOutcome result, @Nullable Payload state) {
        return state == null ? malformed("the answer is not in UTF-8") : new WindowAnswer(result, state);
    }

    private static WindowAnswer malformed(String why) {
        return new WindowAnswer(new MalformedAnswer(why), null);
    }

    /** The bytes of the state of an answer that has one; null when the answer is in another encoding than UTF-8. */
    private static @Nullable Payload state(byte[] answer) throws IOException {
        try (JsonParser parser = JSON.createParser(answer)) {
            parser.nextToken();
            while (!STATE.equals(parser.nextFieldName())) {
                parser.nextToken();
                parser.skipChildren();
            }
            parser.nextToken();
            long start = parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            long end = parser.currentLocation().getByteOffset();
            return start < 0 ? null : Payload.of(Arrays.copyOfRange(answer, (int) start, (int) end));
        }
    }

    private static InvocationOutcome read(InvocationOutcome.Succeeded succeeded) {
        if (succeeded.answer().size() == 0) {
            return succeeded;
        }
        JsonNode answer;
        try {
            answer = JSON.readTree(succeeded.answer().bytes());
        } catch (JacksonException e) {
            return new MalformedAnswer("the answer is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            // Not Jackson's own exception: bytes that look like UTF-32 and are not.
            return new MalformedAnswer("the answer is not JSON: " + e.getMessage());
        }
        if (isEmpty(answer)) {
            return succeeded;
        }
        if (!answer.isObject()) {
            return new MalformedAnswer("the answer is neither an object nor empty");
        }
        JsonNode failures = answer.get(FAILURES);
        if (failures == null) {
            return withoutFailures(succeeded, answer);
        }
        if (failures.isNull() || (failures.isArray() && failures.isEmpty())) {
            return succeeded;
        }
        return failures.isArray() ? read(failures) : new MalformedAnswer(FAILURES + " is not a list");
    }

    private static boolean isEmpty(JsonNode answer) {
        return answer.isMissingNode()
                || answer.isNull()
                || (answer.isTextual() && answer.textValue().isEmpty())
                || (answer.isContainerNode() && answer.isEmpty());
    }

    /** As at AWS, an object without the list is a success; a misspelt list is not, since reading over it loses data. */
    private static InvocationOutcome withoutFailures(InvocationOutcome.Succeeded succeeded, JsonNode answer) {
        for (var members = answer.fieldNames(); members.hasNext(); ) {
            String name = members.next();
            if (NearestMatch.of(name, Set.of(FAILURES)).isPresent()) {
                return new MalformedAnswer("the answer has '" + name + "'; the member is called '" + FAILURES + "'");
            }
        }
        return succeeded;
    }

    private static InvocationOutcome read(JsonNode failures) {
        List<String> identifiers = new ArrayList<>(failures.size());
        for (JsonNode failure : failures) {
            JsonNode identifier = failure.get("itemIdentifier");
            if (identifier == null
                    || !identifier.isTextual()
                    || identifier.textValue().isEmpty()) {
                return new MalformedAnswer(
                        "an entry of " + FAILURES + " has no itemIdentifier, or one that is not a text");
            }
            identifiers.add(identifier.textValue());
        }
        return new InvocationOutcome.BatchItemFailures(identifiers);
    }
}
