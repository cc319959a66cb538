package dev.millrace.testkit.wire;

import dev.millrace.invoke.Payload;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP request, read completely.
 *
 * @param target path and query as sent
 * @param headers by name in any case; the last one of a name wins
 */
public record HttpRequest(String method, String target, Map<String, String> headers, Payload body) {

    public HttpRequest {
        TreeMap<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(headers);
        headers = Collections.unmodifiableMap(copy);
    }

    /** A header's value, or no text at all. */
    public String header(String name) {
        return headers.getOrDefault(name, "");
    }
}
