package dev.millrace.invoker.lambda;

import dev.millrace.aws.NoCredentialsException;
import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoker.InnermostMessage;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What failures on our side of the Invoke API mean (spec 4.1), in words that tell the remedy. Thread-safe. */
final class ClientFailureRules {

    /** Bound on the causes looked at, since a chain of causes can be made circular. */
    private static final int DEEPEST_CAUSE = 20;

    private final LambdaSettings settings;

    ClientFailureRules(LambdaSettings settings) {
        this.settings = settings;
    }

    InvocationOutcome outcome(SdkClientException failure, InvocationRequest request) {
        if (failure instanceof ApiCallTimeoutException) {
            return FunctionErrors.timedOut(request.requestId(), request.timeout());
        }
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            switch (cause) {
                case AnswerBounds.UselessAnswerException useless -> {
                    return useless.outcome();
                }
                case NoCredentialsException none -> {
                    return unavailable(settings.described() + " cannot be invoked: " + none.getMessage());
                }
                case ConnectTimeoutException _ -> {
                    return unavailable("no connection to " + settings.described() + " in time; check Endpoint, Region"
                            + " and the network");
                }
                case ConnectionRequestTimeoutException _ -> {
                    return unavailable("all " + settings.maximumConnections() + " connections to "
                            + settings.described() + " are in use (MaximumConnections)");
                }
                case SocketTimeoutException _ -> {
                    return FunctionErrors.timedOut(request.requestId(), request.timeout());
                }
                case UnknownHostException _ -> {
                    return unavailable("the host of " + settings.described()
                            + " cannot be resolved; check Endpoint, Region and the DNS: " + InnermostMessage.of(cause));
                }
                case ConnectException _ -> {
                    return unavailable("no connection to " + settings.described() + ": " + InnermostMessage.of(cause)
                            + "; is it running there?");
                }
                case SSLException _ -> {
                    return unavailable(
                            "no TLS connection to " + settings.described() + ": " + InnermostMessage.of(cause));
                }
                case NoHttpResponseException _ -> {
                    return unavailable("the connection to " + settings.described() + " was lost before an answer came: "
                            + InnermostMessage.of(cause));
                }
                default -> cause = cause.getCause();
            }
        }
        return unavailable(settings.described() + " cannot be invoked: " + InnermostMessage.of(failure));
    }

    private static Unavailable unavailable(String reason) {
        return new Unavailable(reason, Duration.ZERO);
    }
}
