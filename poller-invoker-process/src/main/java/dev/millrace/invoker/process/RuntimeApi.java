package dev.millrace.invoker.process;

import dev.millrace.invoke.ErrorBody;
import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The Lambda Runtime API, version 2018-06-01, towards one process: routes its calls to the session and renders the
 * answers as Lambda's own endpoint does. Stateless; called by the threads of the process's connections.
 */
final class RuntimeApi implements LoopbackServer.Handler {

    /** Carries the category of an error, which the function's own exception name in the body wins over (spec 7.5). */
    static final String ERROR_TYPE = "lambda-runtime-function-error-type";

    private static final String BASE = "/2018-06-01/runtime/";
    private static final String INVOCATION = BASE + "invocation/";
    private static final String ERROR_BODY_TRAILER = "lambda-runtime-function-error-body";
    private static final Payload ACCEPTED = Payload.ofText("{\"status\":\"OK\"}\n");

    private final RuntimeSession session;

    RuntimeApi(RuntimeSession session) {
        this.session = session;
    }

    @Override
    public void handle(HttpRequest request, HttpConnection connection) throws IOException, InterruptedException {
        String path = request.path();
        try {
            if (path.equals(INVOCATION + "next")) {
                requireMethod("GET", request);
                next(connection);
            } else if (path.equals(BASE + "init/error")) {
                requireMethod("POST", request);
                initError(request, connection);
            } else if (path.startsWith(INVOCATION) && path.endsWith("/response")) {
                requireMethod("POST", request);
                response(requestId(path, "/response"), request, connection);
            } else if (path.startsWith(INVOCATION) && path.endsWith("/error")) {
                requireMethod("POST", request);
                error(requestId(path, "/error"), request, connection);
            } else {
                throw new RuntimeSession.Refused(404, "NotFound", "The Runtime API has no " + path);
            }
        } catch (RuntimeSession.Refused e) {
            refuse(e, connection);
        }
    }

    private static String requestId(String path, String suffix) {
        int end = path.length() - suffix.length();
        return end <= INVOCATION.length() ? "" : path.substring(INVOCATION.length(), end);
    }

    private static void requireMethod(String method, HttpRequest request) throws RuntimeSession.Refused {
        if (!request.method().equals(method)) {
            throw new RuntimeSession.Refused(405, "MethodNotAllowed", "Use " + method + " here");
        }
    }

    private void next(HttpConnection connection) throws RuntimeSession.Refused, IOException, InterruptedException {
        Invocation invocation = session.next();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("Lambda-Runtime-Aws-Request-Id", invocation.requestId());
        headers.put(
                "Lambda-Runtime-Deadline-Ms",
                Long.toString(invocation.deadline().toEpochMilli()));
        headers.put("Lambda-Runtime-Invoked-Function-Arn", invocation.functionArn());
        String traceHeader = invocation.traceHeader();
        if (traceHeader != null) {
            headers.put("Lambda-Runtime-Trace-Id", traceHeader);
        }
        try {
            connection.respond(200, headers, invocation.event());
        } catch (IOException e) {
            session.giveBack(invocation);
            throw e;
        }
    }

    private void response(String requestId, HttpRequest request, HttpConnection connection)
            throws RuntimeSession.Refused, IOException {
        String state = "InvocationResponse";
        if (request.tooLarge()) {
            session.answer(requestId, state, FunctionErrors.answerTooLarge());
            connection.respond(413, Map.of("Content-Type", "application/json"), tooLarge());
            return;
        }
        session.answer(
                requestId,
                state,
                midStreamError(request).orElseGet(() -> new InvocationOutcome.Succeeded(request.body())));
        accept(connection);
    }

    /** A runtime that streams its answer tells of an error in mid-stream through trailers. */
    private static Optional<InvocationOutcome> midStreamError(HttpRequest request) {
        if (!request.trailers().containsKey(ERROR_TYPE)) {
            return Optional.empty();
        }
        String encoded = request.trailers().getOrDefault(ERROR_BODY_TRAILER, "");
        return Optional.of(functionError(request.trailers(), decoded(encoded)));
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return base64.getBytes(StandardCharsets.UTF_8);
        }
    }

    private void error(String requestId, HttpRequest request, HttpConnection connection)
            throws RuntimeSession.Refused, IOException {
        session.answer(
                requestId,
                "InvocationErrorResponse",
                functionError(request.headers(), request.body().bytes()));
        accept(connection);
    }

    private void initError(HttpRequest request, HttpConnection connection) throws RuntimeSession.Refused, IOException {
        session.initError(functionError(request.headers(), request.body().bytes()));
        accept(connection);
    }

    /** @param headers by lower-case name */
    private static FunctionError functionError(Map<String, String> headers, byte[] body) {
        String category = headers.getOrDefault(ERROR_TYPE, "");
        return ErrorBody.functionError(body, category.isBlank() ? FunctionErrors.UNKNOWN : category);
    }

    private static Payload tooLarge() {
        return errorBody(
                "Exceeded maximum allowed payload size (" + FunctionErrors.LARGEST_ANSWER + " bytes).",
                "RequestEntityTooLarge");
    }

    private static void accept(HttpConnection connection) throws IOException {
        connection.respond(202, Map.of("Content-Type", "application/json"), ACCEPTED);
    }

    private static void refuse(RuntimeSession.Refused refused, HttpConnection connection) throws IOException {
        connection.respond(
                refused.status(),
                Map.of("Content-Type", "application/json"),
                errorBody(String.valueOf(refused.getMessage()), refused.errorType()));
    }

    private static Payload errorBody(String message, String errorType) {
        String escaped = message.replace("\\", "\\\\").replace("\"", "\\\"");
        return Payload.ofText("{\"errorMessage\":\"" + escaped + "\",\"errorType\":\"" + errorType + "\"}\n");
    }
}
