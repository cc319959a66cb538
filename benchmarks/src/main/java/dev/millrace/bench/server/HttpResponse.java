package dev.millrace.bench.server;

import java.nio.charset.StandardCharsets;

/** Builds complete HTTP responses, head included. */
final class HttpResponse {
    private HttpResponse() {}

    /** @param status code and reason, such as {@code 200 OK} */
    static byte[] of(String status, String contentType, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 " + status + "\r\nContent-Type: " + contentType
                        + "\r\nx-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\nContent-Length: "
                        + bytes.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] response = new byte[head.length + bytes.length];
        System.arraycopy(head, 0, response, 0, head.length);
        System.arraycopy(bytes, 0, response, head.length, bytes.length);
        return response;
    }

    static byte[] json(String body) {
        return of("200 OK", "application/json", body);
    }
}
