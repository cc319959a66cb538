package dev.millrace.destination.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.net.PercentCodec;
import org.jspecify.annotations.Nullable;

/**
 * Where records are posted.
 *
 * @param target host and port
 * @param path with the query
 * @param authorization header made of the user and password in the URL; null without
 * @param shown for people: without user, password and query, which may be secrets
 */
record ReceiverUrl(HttpHost target, String path, @Nullable String authorization, String shown) {

    static boolean isOne(String destination) {
        String text = destination.toLowerCase(Locale.ROOT);
        return text.startsWith("http:") || text.startsWith("https:");
    }

    /**
     * Reads the URL.
     *
     * @throws IllegalArgumentException when it is none; the message is for people and shows no password
     */
    static ReceiverUrl of(String destination) {
        URI url;
        try {
            url = new URI(destination);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the destination is not a URL: " + e.getReason(), e);
        }
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        String host = url.getHost();
        if (host == null) {
            throw new IllegalArgumentException(
                    "the destination has no host name; write a URL such as " + scheme + "://HOST/PATH");
        }
        if (url.getRawFragment() != null) {
            throw new IllegalArgumentException("the destination's URL must not have a fragment (#...)");
        }
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        HttpHost target = new HttpHost(scheme, host, url.getPort());
        return new ReceiverUrl(target, path + query, authorization(url.getRawUserInfo()), target.toURI() + path);
    }

    private static @Nullable String authorization(@Nullable String userInfo) {
        if (userInfo == null) {
            return null;
        }
        byte[] credentials =
                PercentCodec.decode(userInfo, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }
}
