package dev.millrace.invoker.process;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a runtime says about an error: a body {@code {"errorMessage", "errorType", "stackTrace"}} and a header with a
 * category. The function's own exception name wins over the category.
 *
 * @param errorType never empty
 * @param message bounded
 */
record ErrorReport(String errorType, String message) {

    static final String TYPE_HEADER = "lambda-runtime-function-error-type";

    /** Lambda's word for an error that its runtime does not name. */
    private static final String UNKNOWN = "Function.Unknown";

    /** Goes into log lines and status texts; the whole report, with its stack trace, is the runtime's to print. */
    private static final int MAX_MESSAGE_CHARS = 2_000;

    private static final int MAX_TYPE_CHARS = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param headers by lower-case name */
    static ErrorReport read(Map<String, String> headers, byte[] body) {
        String category = headers.getOrDefault(TYPE_HEADER, "");
        JsonNode report = parse(body);
        String type = report.path("errorType").asText("");
        String message = report.path("errorMessage").asText("");
        if (message.isEmpty() && type.isEmpty()) {
            message = new String(body, StandardCharsets.UTF_8);
        }
        String bestType = !type.isBlank() ? type : !category.isBlank() ? category : UNKNOWN;
        return new ErrorReport(bounded(bestType, MAX_TYPE_CHARS), bounded(message, MAX_MESSAGE_CHARS));
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            return JSON.missingNode();
        } catch (IOException e) {
            throw new AssertionError("reading from memory cannot fail", e);
        }
    }

    private static String bounded(String text, int limit) {
        return text.length() <= limit ? text : text.substring(0, limit) + "...";
    }
}
