package dev.millrace.testkit;

import dev.millrace.invoke.Payload;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One request as a {@link FunctionServer} received it.
 *
 * @param connection number of the connection it came on, from 1
 * @param target path and query as sent
 * @param headers by name in any case; the last one of a name wins
 */
public record FunctionCall(int connection, String method, String target, Map<String, String> headers, Payload body) {

    public FunctionCall {
        TreeMap<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(headers);
        headers = Collections.unmodifiableMap(copy);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    public String text() {
        return body.text();
    }

    @Override
    public String toString() {
        return method + " " + target + " " + headers + " " + body;
    }
}
