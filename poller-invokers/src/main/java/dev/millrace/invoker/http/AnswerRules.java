package dev.millrace.invoker.http;

import dev.millrace.invoke.ErrorBody;
import dev.millrace.invoke.Excerpt;
import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import dev.millrace.invoke.InvocationOutcome.TooLarge;
import dev.millrace.invoke.Payload;
import dev.millrace.invoker.RetryAfter;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.MessageHeaders;
import org.jspecify.annotations.Nullable;

/** What an HTTP answer means, by its status and headers; reads its body within bounds. Thread-safe. */
final class AnswerRules {

    /** By which a function reports an error with status 200, as Lambda does (spec 7.3). */
    static final String FUNCTION_ERROR = "X-Amz-Function-Error";

    /** How much of an error's body is read for its message. */
    private static final int LARGEST_ERROR_BODY = 256 * 1024;

    private static final int LONGEST_EXCERPT = 300;

    private static final byte[] NOTHING = {};

    private final InstantSource clock;

    AnswerRules(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Reads the answer. The connection is in order for the next request when the body was read to its end; otherwise the
     * request has been aborted.
     *
     * @throws IOException when a 2xx answer breaks off
     */
    InvocationOutcome read(ClassicHttpResponse response, EventPost post) throws IOException {
        int status = response.getCode();
        String functionError = header(response, FUNCTION_ERROR);
        if (status >= 200 && status < 300 && functionError == null) {
            return answer(response.getEntity(), post);
        }
        byte[] body = errorBody(response.getEntity(), post);
        return switch (status) {
            case HttpStatus.SC_REQUEST_TOO_LONG -> new TooLarge(described(status, body));
            case HttpStatus.SC_TOO_MANY_REQUESTS, HttpStatus.SC_SERVICE_UNAVAILABLE ->
                new Throttled(described(status, body), retryAfter(response));
            default -> functionError == null ? failed(status, response, body) : reported(functionError, body);
        };
    }

    private static InvocationOutcome answer(@Nullable HttpEntity entity, EventPost post) throws IOException {
        if (entity == null) {
            return new Succeeded(Payload.EMPTY);
        }
        long announced = entity.getContentLength();
        if (announced > FunctionErrors.LARGEST_ANSWER) {
            post.abort();
            return FunctionErrors.answerTooLarge(announced);
        }
        InputStream in = entity.getContent();
        byte[] body;
        if (announced >= 0) {
            body = new byte[(int) announced];
            // The stream itself finds a body that ends too early.
            in.readNBytes(body, 0, body.length);
        } else {
            body = in.readNBytes(FunctionErrors.LARGEST_ANSWER + 1);
            if (body.length > FunctionErrors.LARGEST_ANSWER) {
                post.abort();
                return FunctionErrors.answerTooLarge();
            }
        }
        in.close();
        return new Succeeded(body.length == 0 ? Payload.EMPTY : Payload.of(body));
    }

    /** The beginning of an error's body; nothing when it cannot be read, since the status has said what matters. */
    private static byte[] errorBody(@Nullable HttpEntity entity, EventPost post) {
        if (entity == null) {
            return NOTHING;
        }
        try {
            InputStream in = entity.getContent();
            byte[] body = in.readNBytes(LARGEST_ERROR_BODY);
            if (body.length < LARGEST_ERROR_BODY) {
                in.close();
            } else {
                post.abort();
            }
            return body;
        } catch (IOException e) {
            post.abort();
            return NOTHING;
        }
    }

    private static FunctionError reported(String functionError, byte[] body) {
        return ErrorBody.functionError(
                body, functionError.isBlank() ? FunctionErrors.UNHANDLED : functionError.strip());
    }

    private static FunctionError failed(int status, MessageHeaders response, byte[] body) {
        return ErrorBody.detect(body)
                .orElseGet(
                        () -> new FunctionError("Http." + status, described(status, body) + remedy(status, response)));
    }

    private static String remedy(int status, MessageHeaders response) {
        if (status >= 300 && status < 400) {
            String location = header(response, HttpHeaders.LOCATION);
            return "; redirects are not followed" + (location == null ? "" : ", set Url to " + location);
        }
        return switch (status) {
            case HttpStatus.SC_UNAUTHORIZED, HttpStatus.SC_FORBIDDEN ->
                "; check the function's Headers, BearerToken or BearerTokenFile";
            case HttpStatus.SC_NOT_FOUND, HttpStatus.SC_METHOD_NOT_ALLOWED ->
                "; check the path in the function's Url, which must take a POST";
            default -> "";
        };
    }

    private static String described(int status, byte[] body) {
        String excerpt = Excerpt.of(body, LONGEST_EXCERPT);
        return "HTTP status " + status + (excerpt.isEmpty() ? "" : ": " + excerpt);
    }

    private Duration retryAfter(MessageHeaders response) {
        return RetryAfter.parse(header(response, HttpHeaders.RETRY_AFTER), clock.instant());
    }

    private static @Nullable String header(MessageHeaders response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }
}
