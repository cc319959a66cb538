package dev.millrace.invoker.http;

import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoker.InnermostMessage;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.MessageConstraintException;

/** What an exchange that broke off means (spec 4.1), in words that tell the remedy. Thread-safe. */
final class FailureRules {

    /** What came back is not HTTP, or not within sensible bounds. */
    private static final String INVALID_ANSWER = "Http.InvalidAnswer";

    /** The answer began and broke off. */
    private static final String TRUNCATED_ANSWER = "Http.TruncatedAnswer";

    private final URI url;
    private final int maximumConnections;

    FailureRules(URI url, int maximumConnections) {
        this.url = url;
        this.maximumConnections = maximumConnections;
    }

    /** The head of an answer did not come. */
    InvocationOutcome beforeTheAnswer(EventPost post, IOException e) {
        if (!post.isSent()) {
            return unavailable(post.isOverdue() ? noConnectionInTime(post) : notConnected(e));
        }
        if (post.isOverdue()) {
            return FunctionErrors.timedOut(post.requestId(), post.timeout());
        }
        if (e instanceof ClientProtocolException || e instanceof MessageConstraintException) {
            return new FunctionError(
                    INVALID_ANSWER, "the answer of " + url + " is not valid HTTP: " + InnermostMessage.of(e));
        }
        // Also a connection of the pool that the server has just closed: the machine invokes again.
        return unavailable("the connection to " + url + " was lost before an answer came: " + InnermostMessage.of(e));
    }

    /** The head of a 2xx answer came, its body did not. */
    InvocationOutcome withinTheAnswer(EventPost post, IOException e) {
        if (post.isOverdue()) {
            return FunctionErrors.timedOut(post.requestId(), post.timeout());
        }
        return new FunctionError(TRUNCATED_ANSWER, "the answer of " + url + " broke off: " + InnermostMessage.of(e));
    }

    private String noConnectionInTime(EventPost post) {
        return "no connection to " + url + " within the function's Timeout of "
                + post.timeout().toMillis() / 1000.0 + " s; it is not reachable, or all " + maximumConnections
                + " connections are in use (MaximumConnections)";
    }

    private String notConnected(IOException e) {
        return switch (e) {
            case UnknownHostException _ ->
                "the host name of " + url + " cannot be resolved; check the function's Url and the DNS";
            case SSLException _ ->
                "no TLS connection to " + url + ": " + InnermostMessage.of(e)
                        + "; check the function's Tls section, the server's certificate and its names";
            case SocketTimeoutException _ ->
                "no connection to " + url + " within ConnectTimeout; check the network and firewalls";
            case NoRouteToHostException _ -> "no route to " + url + "; check the network";
            case ConnectException _ ->
                "no connection to " + url + ": " + InnermostMessage.of(e) + "; is the function running there?";
            default -> "no connection to " + url + ": " + InnermostMessage.of(e);
        };
    }

    private static Unavailable unavailable(String reason) {
        return new Unavailable(reason, Duration.ZERO);
    }
}
