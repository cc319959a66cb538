package dev.millrace.destination.http;

import dev.millrace.failure.DestinationException;
import dev.millrace.invoke.Excerpt;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** What the answers of an HTTP server that gets records mean, in words that tell the remedy. Immutable. */
final class AnswerRules {

    /**
     * Answers that are about the record itself, so that no other try can change them. All others can be mended: rights,
     * paths and proxies are put in order, and an ingress says 404 or 405 during a deployment.
     */
    private static final Set<Integer> REFUSED =
            Set.of(HttpStatus.SC_BAD_REQUEST, HttpStatus.SC_REQUEST_TOO_LONG, HttpStatus.SC_UNPROCESSABLE_CONTENT);

    /** More of an answer is not read; the connection then ends. */
    private static final int LARGEST_ANSWER = 64 * 1024;

    private static final int LONGEST_EXCERPT = 300;

    private static final byte[] NOTHING = {};

    private final ReceiverUrl receiver;

    AnswerRules(ReceiverUrl receiver) {
        this.receiver = receiver;
    }

    /** Reads the answer; returns when its status says that the record was taken, whatever follows. */
    void judge(ClassicHttpResponse response, HttpPost post) throws DestinationException {
        int status = response.getCode();
        byte[] body = body(response.getEntity(), post);
        if (status >= 200 && status < 300) {
            return;
        }
        String excerpt = Excerpt.of(body, LONGEST_EXCERPT);
        throw new DestinationException(
                receiver.shown() + ": answered " + status + (excerpt.isEmpty() ? "" : " (" + excerpt + ")")
                        + remedy(status, response) + ".",
                REFUSED.contains(status),
                null);
    }

    /** The beginning of the body; nothing when it cannot be read. The request is aborted where more would follow. */
    private static byte[] body(@Nullable HttpEntity entity, HttpPost post) {
        if (entity == null) {
            return NOTHING;
        }
        try {
            InputStream in = entity.getContent();
            byte[] body = in.readNBytes(LARGEST_ANSWER);
            if (body.length < LARGEST_ANSWER) {
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

    private static String remedy(int status, ClassicHttpResponse response) {
        if (status >= 300 && status < 400) {
            Header location = response.getFirstHeader(HttpHeaders.LOCATION);
            return "; redirects are not followed" + (location == null ? "" : ", name " + location.getValue());
        }
        return switch (status) {
            case HttpStatus.SC_UNAUTHORIZED, HttpStatus.SC_FORBIDDEN ->
                "; write https://USER:PASSWORD@HOST/PATH, or what else the receiver asks for into path or query";
            case HttpStatus.SC_NOT_FOUND, HttpStatus.SC_METHOD_NOT_ALLOWED ->
                "; check the destination's path, which must take a POST";
            case HttpStatus.SC_REQUEST_TOO_LONG ->
                "; let the receiver take 13 MB, which is the most that a record with its event may have";
            default -> "";
        };
    }

    /** The exchange broke off, or did not come about. */
    DestinationException broken(IOException e) {
        String what = switch (e) {
            case UnknownHostException _ -> "the host name cannot be resolved; check the destination and the DNS";
            case SSLException _ ->
                "no TLS connection: " + e.getMessage() + "; check the server's certificate and its names";
            case SocketTimeoutException _ -> "no connection in time; check the network and firewalls";
            case ConnectException _ -> "no connection: " + e.getMessage() + "; is the receiver running there?";
            default -> "the connection broke off before an answer came: " + e;
        };
        return new DestinationException(receiver.shown() + ": " + what + ".", false, e);
    }
}
