package dev.millrace.testkit;

import dev.millrace.invoke.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a {@link FunctionServer} does with a request. */
public sealed interface FunctionAnswer {

    /**
     * A well-formed HTTP answer.
     *
     * @param chunked sent in chunks instead of with a length
     * @param closing the connection is closed afterwards without being announced
     */
    record Reply(int status, Map<String, String> headers, Payload body, boolean chunked, boolean closing)
            implements FunctionAnswer {

        public Reply {
            headers = Map.copyOf(headers);
        }

        public Reply header(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Reply(status, more, body, chunked, closing);
        }

        public Reply inChunks() {
            return new Reply(status, headers, body, true, closing);
        }

        public Reply thenClose() {
            return new Reply(status, headers, body, chunked, true);
        }
    }

    /** These bytes, then the end of the connection: garbage, or an answer cut short. */
    record Bytes(Payload bytes) implements FunctionAnswer {}

    /** This text, then one more dot at every interval, without end. */
    record Drip(String beginning, Duration interval) implements FunctionAnswer {}

    /** The connection is reset before any byte of an answer. */
    record Reset() implements FunctionAnswer {}

    /** The connection is closed in an orderly way before any byte of an answer. */
    record Close() implements FunctionAnswer {}

    /** No answer, until the client gives up or the server is closed. */
    record Hang() implements FunctionAnswer {}

    /** Another answer, later. Waits in real time. */
    record Delayed(Duration delay, FunctionAnswer answer) implements FunctionAnswer {}

    static Reply status(int status, String body) {
        return new Reply(status, Map.of(), Payload.ofText(body), false, false);
    }

    static Reply ok(String body) {
        return status(200, body);
    }

    static Reply ok(Payload body) {
        return new Reply(200, Map.of(), body, false, false);
    }

    static Bytes raw(String text) {
        return new Bytes(Payload.of(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    static FunctionAnswer after(Duration delay, FunctionAnswer answer) {
        return new Delayed(delay, answer);
    }
}
