package dev.millrace.invoker.process;

import dev.millrace.invoke.Payload;
import java.util.Map;

/**
 * One request, read whole.
 *
 * @param path without the query
 * @param headers by lower-case name; of a repeated header the last value
 * @param body empty when the request was too large
 * @param tooLarge the body exceeded the server's limit and was not kept
 * @param trailers headers after a chunked body, by lower-case name
 */
record HttpRequest(
        String method,
        String path,
        Map<String, String> headers,
        Payload body,
        boolean tooLarge,
        Map<String, String> trailers) {}
