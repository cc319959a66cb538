package dev.millrace.invoke;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body by which Lambda's runtimes report a failed invocation: {@code {"errorType", "errorMessage",
 * "stackTrace"}} (spec 7.3, 7.5).
 */
public final class ErrorBody {

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private static final String TIMEOUT_TEXT = "Task timed out after ";

    private static final int LONGEST_EXCERPT = 500;

    private ErrorBody() {}

    /**
     * Reads a body that is known to report an error; text that is not of the usual form becomes the message.
     *
     * @param fallbackType used when the body does not name a type
     */
    public static FunctionError functionError(byte[] body, String fallbackType) {
        Members members = members(body);
        if (members == null || (members.type.isBlank() && members.message.isEmpty())) {
            return new FunctionError(fallbackType, Excerpt.of(body, LONGEST_EXCERPT));
        }
        if (!members.type.isBlank()) {
            return members.error();
        }
        // Lambda's own timeouts have come with and without a type.
        boolean timeout = members.message.contains(TIMEOUT_TEXT);
        return new FunctionError(timeout ? FunctionErrors.TIMED_OUT : fallbackType, members.message);
    }

    /**
     * The error that an answer <em>is</em>, where nothing but the body tells an error from an answer: an object with
     * {@code errorType} and either {@code errorMessage} or a stack trace, and without {@code batchItemFailures}.
     */
    public static Optional<FunctionError> detect(byte[] body) {
        Members members = members(body);
        return members != null && members.lookLikeAnError() ? Optional.of(members.error()) : Optional.empty();
    }

    /** The top-level members of the body, or null when it is not a JSON object. */
    private static @Nullable Members members(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            Members members = new Members();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                members.add(name, parser);
                parser.skipChildren();
            }
            return members;
        } catch (IOException e) {
            // Jackson's own exceptions, and others for bytes that look like UTF-32 and are not.
            return null;
        }
    }

    /** What one pass over the body finds. Owned by the thread that reads. */
    private static final class Members {

        private String type = "";
        private String message = "";
        private boolean hasMessage;
        private boolean hasTrace;
        private boolean hasItemFailures;

        void add(String name, JsonParser value) throws IOException {
            switch (name) {
                case "errorType" -> type = text(value);
                case "errorMessage" -> {
                    hasMessage = true;
                    message = text(value);
                }
                case "stackTrace", "trace" -> hasTrace = true;
                case "batchItemFailures" -> hasItemFailures = true;
                default -> {
                    // Runtimes add members of their own; none of them matters here.
                }
            }
        }

        private static String text(JsonParser value) throws IOException {
            return value.currentToken() == JsonToken.VALUE_STRING ? value.getText() : "";
        }

        boolean lookLikeAnError() {
            return !type.isBlank() && (hasMessage || hasTrace) && !hasItemFailures;
        }

        FunctionError error() {
            return new FunctionError(type, message);
        }
    }
}
