package dev.millrace.invoker.http;

import java.net.URI;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of one function and its connections. Does nothing by itself: no redirect, retry, cookie, authentication
 * or decompression, so that an invocation is one request and its answer is what came over the wire. Thread-safe.
 */
final class HttpConnections implements DeadlineWatch.Pool, AutoCloseable {

    /** After this, an idle connection is let go. Common servers keep theirs for 5 s (Node.js) to 75 s (nginx). */
    private static final TimeValue LONGEST_IDLE = TimeValue.ofSeconds(30);

    /** So that a changed DNS answer is followed. */
    private static final TimeValue LONGEST_LIFE = TimeValue.ofMinutes(10);

    /**
     * A connection that was idle for longer is asked whether the server has closed it before it is used again, which costs
     * 1 ms; below that, the function is busy and a server does not close busy connections unannounced.
     */
    private static final TimeValue TRUSTED_FOR = TimeValue.ofMilliseconds(100);

    /** For a free connection: above the longest timeout of a function, at which the deadline watch ends the wait. */
    private static final Timeout LONGEST_WAIT = Timeout.ofMinutes(20);

    private static final Http1Config HTTP = Http1Config.custom()
            .setBufferSize(8 * 1024)
            .setMaxLineLength(64 * 1024)
            .setMaxHeaderCount(200)
            .build();

    private final PoolingHttpClientConnectionManager pool;
    private final CloseableHttpClient client;

    private HttpConnections(PoolingHttpClientConnectionManager pool, CloseableHttpClient client) {
        this.pool = pool;
        this.client = client;
    }

    /** Makes the client; does not connect. */
    static HttpConnections open(HttpSettings settings) {
        PoolingHttpClientConnectionManager pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(HTTP)
                        .responseParserFactory(CompleteHeadParser.factory(HTTP))
                        .responseOutOfOrderStrategy(new EarlyAnswers())
                        .build())
                .setTlsSocketStrategy(tls(settings.url(), settings.tls()))
                .setDefaultTlsConfig(TlsConfig.custom()
                        .setHandshakeTimeout(Timeout.of(settings.connectTimeout()))
                        .build())
                .setDefaultSocketConfig(SocketConfig.custom()
                        // HttpCore's default is 3 minutes, and a function may take 15.
                        .setSoTimeout(Timeout.DISABLED)
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(settings.connectTimeout()))
                        .setValidateAfterInactivity(TRUSTED_FOR)
                        .setTimeToLive(LONGEST_LIFE)
                        .build())
                .setMaxConnTotal(settings.maximumConnections())
                .setMaxConnPerRoute(settings.maximumConnections())
                // The most recently used first, so that surplus connections become idle and go.
                .setConnPoolPolicy(PoolReusePolicy.LIFO)
                .build();
        return new HttpConnections(pool, client(pool));
    }

    private static CloseableHttpClient client(PoolingHttpClientConnectionManager pool) {
        return HttpClientBuilder.create()
                .setConnectionManager(pool)
                .setKeepAliveStrategy(HttpConnections::keepAlive)
                // No response timeout: the deadline watch bounds the whole request, and a timer less is a cheaper read.
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(LONGEST_WAIT)
                        .setConnectionKeepAlive(LONGEST_IDLE)
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent("millrace")
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .build();
    }

    /** An http function needs no TLS, and loading the JDK's certificate authorities takes a tenth of a second. */
    private static TlsSocketStrategy tls(URI url, @Nullable SSLContext context) {
        if ("http".equalsIgnoreCase(url.getScheme())) {
            return (socket, host, port, attachment, about) -> {
                throw new SSLException("TLS is not expected here");
            };
        }
        ClientTlsStrategyBuilder strategy = ClientTlsStrategyBuilder.create();
        if (context != null) {
            strategy.setSslContext(context);
        }
        return strategy.buildClassic();
    }

    /** A server that says how long it keeps the connection is left a little earlier, so that the two never meet. */
    private static TimeValue keepAlive(HttpResponse response, HttpContext context) {
        Duration told = DefaultConnectionKeepAliveStrategy.INSTANCE
                .getKeepAliveDuration(response, context)
                .toDuration();
        Duration earlier = told.minusSeconds(1);
        Duration half = told.dividedBy(2);
        TimeValue safe = TimeValue.of(earlier.compareTo(half) > 0 ? earlier : half);
        return safe.compareTo(LONGEST_IDLE) > 0 ? LONGEST_IDLE : safe;
    }

    /** The host and port that requests go to. */
    static HttpHost target(URI url) {
        return new HttpHost(url.getScheme(), url.getHost(), url.getPort());
    }

    CloseableHttpClient client() {
        return client;
    }

    @Override
    public boolean dropIdle() {
        pool.closeExpired();
        pool.closeIdle(LONGEST_IDLE);
        return pool.getTotalStats().getAvailable() > 0;
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
