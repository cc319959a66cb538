package dev.millrace.invoker.http;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.ResponseOutOfOrderStrategy;
import org.apache.hc.core5.util.Timeout;

/**
 * Looks, while a large event is sent, for an answer that comes before its end, such as a proxy's 413. HttpCore's own
 * strategy waits a millisecond at each look; that is needed on TLS only, where nothing else tells. Stateless.
 */
final class EarlyAnswers implements ResponseOutOfOrderStrategy {

    /** One look for as many bytes; none for events below that. */
    private static final long EVERY = 64L * 1024;

    private static final long EVERY_ON_TLS = 4 * EVERY;

    @Override
    public boolean isEarlyResponseDetected(
            ClassicHttpRequest request, HttpClientConnection connection, InputStream answer, long sent, long next)
            throws IOException {
        boolean plain = connection.getSSLSession() == null;
        long every = plain ? EVERY : EVERY_ON_TLS;
        if (sent / every == (sent + next) / every) {
            return false;
        }
        return plain ? answer.available() > 0 : connection.isDataAvailable(Timeout.ONE_MILLISECOND);
    }
}
