package dev.millrace.bench.server;

import java.nio.charset.StandardCharsets;

/** Builds complete HTTP responses, head included. */
public final class HttpResponse {
    private static final int LENGTH_DIGITS = 8;
    private static final String BLANK_LINE = "\r\n\r\n";

    private HttpResponse() {}

    /** @param status code and reason, such as {@code 200 OK} */
    public static byte[] of(String status, String contentType, String body) {
        return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    /** @param status code and reason, such as {@code 200 OK} */
    public static byte[] of(String status, String contentType, byte[] body) {
        byte[] head = head(status, contentType);
        byte[] response = new byte[head.length + body.length];
        System.arraycopy(head, 0, response, 0, head.length);
        System.arraycopy(body, 0, response, head.length, body.length);
        writeLength(response, head.length, body.length);
        return response;
    }

    public static byte[] json(String body) {
        return of("200 OK", "application/json", body);
    }

    /**
     * The head of a response, for a body whose length is written later by {@link #writeLength}.
     *
     * @param status code and reason, such as {@code 200 OK}
     */
    public static byte[] head(String status, String contentType) {
        return ("HTTP/1.1 " + status + "\r\nContent-Type: " + contentType
                        + "\r\nx-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\nContent-Length: "
                        + "0".repeat(LENGTH_DIGITS) + BLANK_LINE)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Writes the body's length into the head, with leading zeros, so that the body's place does not depend on it.
     *
     * @param bodyStart where the head ends
     */
    public static void writeLength(byte[] response, int bodyStart, int length) {
        DecimalDigits.write8(length, response, bodyStart - BLANK_LINE.length() - LENGTH_DIGITS);
    }
}
