package dev.millrace.destination.http;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationProvider;
import java.util.Optional;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Opens HTTP servers as destinations. All share one client, which does nothing by itself: no redirect, retry, cookie or
 * decompression. It trusts the certificate authorities of the JDK, or those of {@code javax.net.ssl.trustStore}. Thread-safe.
 */
public final class HttpDestinationProvider implements DestinationProvider {

    private static final Timeout CONNECT_TIMEOUT = Timeout.ofSeconds(5);

    /** Connections to one server; further deliveries wait. Discards come in waves, and a receiver is seldom made for that. */
    static final int CONNECTIONS_PER_SERVER = 100;

    private static final int CONNECTIONS = 2_000;

    /** For a free connection; the caller ends the wait by an interrupt long before. */
    private static final Timeout LONGEST_WAIT = Timeout.ofMinutes(20);

    /** Common servers keep idle connections for 5 s (Node.js) to 75 s (nginx). */
    private static final TimeValue LONGEST_IDLE = TimeValue.ofSeconds(4);

    /** So that a changed DNS answer is followed. */
    private static final TimeValue LONGEST_LIFE = TimeValue.ofMinutes(10);

    /** A connection that was idle for longer is looked at before it is used again. */
    private static final TimeValue TRUSTED_FOR = TimeValue.ofMilliseconds(100);

    /** Opened with the first destination. Guarded by this. */
    private @Nullable CloseableHttpClient client;

    @Override
    public boolean serves(String destination) {
        return ReceiverUrl.isOne(destination);
    }

    @Override
    public Optional<String> problem(String destination) {
        try {
            ReceiverUrl.of(destination);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The event always goes along. */
    @Override
    public Destination open(String destination, boolean includePayload, AwsSettings aws) {
        return new HttpDestination(ReceiverUrl.of(destination), shared());
    }

    private synchronized CloseableHttpClient shared() {
        CloseableHttpClient opened = client;
        if (opened == null) {
            opened = newClient();
            client = opened;
        }
        return opened;
    }

    private static CloseableHttpClient newClient() {
        PoolingHttpClientConnectionManager pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setTlsSocketStrategy(
                        ClientTlsStrategyBuilder.create().useSystemProperties().buildClassic())
                .setDefaultTlsConfig(
                        TlsConfig.custom().setHandshakeTimeout(CONNECT_TIMEOUT).build())
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT_TIMEOUT)
                        .setValidateAfterInactivity(TRUSTED_FOR)
                        .setTimeToLive(LONGEST_LIFE)
                        .setIdleTimeout(Timeout.of(LONGEST_IDLE.toDuration()))
                        .build())
                .setMaxConnTotal(CONNECTIONS)
                .setMaxConnPerRoute(CONNECTIONS_PER_SERVER)
                .setConnPoolPolicy(PoolReusePolicy.LIFO)
                .build();
        return HttpClientBuilder.create()
                .setConnectionManager(pool)
                // No response timeout: the caller limits the time of a delivery, and ends it by an interrupt.
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(LONGEST_WAIT)
                        .setConnectionKeepAlive(LONGEST_IDLE)
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent("millrace")
                // A wave of discards leaves connections behind that the server closes and nobody else would.
                .evictExpiredConnections()
                .evictIdleConnections(LONGEST_IDLE)
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .build();
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close(CloseMode.IMMEDIATE);
            client = null;
        }
    }
}
