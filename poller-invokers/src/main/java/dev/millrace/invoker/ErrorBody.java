package dev.millrace.invoker;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body by which Lambda's runtimes report a failed invocation: {@code {"errorType", "errorMessage", "stackTrace"}}
 * (spec 7.3).
 *
 * @param errorType empty when the body does not name one
 * @param errorMessage empty when the body does not have one
 */
public record ErrorBody(String errorType, String errorMessage) {

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private static final String TIMEOUT_TEXT = "Task timed out after ";

    private static final int LONGEST_EXCERPT = 500;

    /**
     * Reads a body that is known to report an error; text that is not of the usual form becomes the message.
     *
     * @param fallbackType used when the body does not name a type
     */
    public static FunctionError functionError(byte[] body, String fallbackType) {
        ErrorBody error = read(body)
                .filter(found -> !found.equals(new ErrorBody("", "")))
                .orElseGet(() -> new ErrorBody("", FunctionErrors.excerpt(body, LONGEST_EXCERPT)));
        if (!error.errorType().isEmpty()) {
            return FunctionErrors.of(error.errorType(), error.errorMessage());
        }
        // Lambda's own timeouts have come with and without a type.
        boolean timeout = error.errorMessage().contains(TIMEOUT_TEXT);
        return FunctionErrors.of(timeout ? FunctionErrors.TIMED_OUT : fallbackType, error.errorMessage());
    }

    /**
     * The error that an answer <em>is</em>, where nothing but the body tells an error from an answer: an object with
     * {@code errorType} and either {@code errorMessage} or a stack trace, and without {@code batchItemFailures}.
     */
    public static Optional<ErrorBody> detect(byte[] body) {
        Members members = members(body);
        return members != null && members.lookLikeAnError() ? Optional.of(members.error()) : Optional.empty();
    }

    private static Optional<ErrorBody> read(byte[] body) {
        return Optional.ofNullable(members(body)).map(Members::error);
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
        } catch (JacksonException e) {
            return null;
        } catch (IOException e) {
            throw new AssertionError("reading from memory cannot fail", e);
        }
    }

    /** What one pass over the body finds. */
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
            return !type.isEmpty() && (hasMessage || hasTrace) && !hasItemFailures;
        }

        ErrorBody error() {
            return new ErrorBody(type, message);
        }
    }
}
