package dev.millrace.invoker.http;

import dev.millrace.config.Section;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Http} section of a function.
 *
 * @param url where events are posted; http or https, with a host
 * @param headers sent with every request, among them a fixed bearer token's
 * @param tokenFile the bearer token's file, or null
 * @param tls for https; null means the JDK's certificate authorities and no client certificate
 * @param maximumConnections the most connections at once; an invocation beyond waits for a free one
 * @param connectTimeout for the connection and TLS's handshake, each
 */
record HttpSettings(
        URI url,
        List<Header> headers,
        @Nullable BearerTokenFile tokenFile,
        @Nullable SSLContext tls,
        int maximumConnections,
        Duration connectTimeout) {

    static final String AUTHORIZATION = "Authorization";

    private static final int DEFAULT_CONNECTIONS = 2_000;

    /** Far above what one function can do; below the number of ports of one address. */
    private static final int MOST_CONNECTIONS = 60_000;

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** RFC 9110, 5.6.2: a token. */
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** RFC 6750, 2.1, and what users really have in use: visible ASCII characters. */
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");

    /** Headers that frame the message or that every invocation sets for itself. */
    private static final Set<String> OURS = caseless(
            "Connection",
            "Content-Length",
            "Expect",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            EventPost.REQUEST_ID,
            EventPost.TRACE_ID,
            EventPost.FUNCTION_ARN,
            EventPost.EXECUTED_VERSION,
            EventPost.DEADLINE);

    HttpSettings {
        headers = List.copyOf(headers);
    }

    private static Set<String> caseless(String... names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(List.of(names));
        return set;
    }

    /** Reads the section; empty when its problems leave nothing to open. */
    static Optional<HttpSettings> read(Section section) {
        Optional<URI> url = url(section);
        List<Header> headers = headers(section);
        Optional<BearerTokenFile> tokenFile = bearerToken(section, headers);
        Optional<SSLContext> tls = tls(section, url);
        int connections = section.integer("MaximumConnections", 1, MOST_CONNECTIONS, DEFAULT_CONNECTIONS);
        Duration connectTimeout = section.seconds(
                "ConnectTimeout", Duration.ofMillis(100), Duration.ofMinutes(2), DEFAULT_CONNECT_TIMEOUT);
        section.rejectUnknownKeys();
        return url.map(where -> new HttpSettings(
                where, headers, tokenFile.orElse(null), tls.orElse(null), connections, connectTimeout));
    }

    private static Optional<URI> url(Section section) {
        if (!section.has("Url")) {
            section.problem("Url", "is required");
        }
        Optional<URI> url = section.httpUrl("Url");
        Optional<String> wrong = url.flatMap(HttpSettings::wrongIn);
        wrong.ifPresent(message -> section.problem("Url", message));
        return wrong.isPresent() ? Optional.empty() : url;
    }

    private static Optional<String> wrongIn(URI url) {
        if (url.getRawUserInfo() != null) {
            return Optional.of("must not hold a user or password; use Headers or BearerToken");
        }
        if (url.getRawFragment() != null) {
            return Optional.of("must not have a fragment (#...)");
        }
        return Optional.empty();
    }

    private static List<Header> headers(Section section) {
        List<Header> headers = new ArrayList<>();
        Set<String> seen = caseless();
        for (Map.Entry<String, String> header : section.stringMap("Headers").entrySet()) {
            String name = header.getKey();
            String value = header.getValue().strip();
            if (!HEADER_NAME.matcher(name).matches()) {
                section.problem("Headers", "'" + name + "' is not the name of a header");
            } else if (OURS.contains(name)) {
                section.problem("Headers", name + " is set by each invocation and cannot be fixed");
            } else if (!seen.add(name)) {
                section.problem("Headers", name + " is given twice");
            } else if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
                section.problem("Headers", "the value of " + name + " holds line breaks or control characters");
            } else {
                headers.add(new BasicHeader(name, value));
            }
        }
        return headers;
    }

    /** Adds a fixed token to the headers, or answers the file to read it from. */
    private static Optional<BearerTokenFile> bearerToken(Section section, List<Header> headers) {
        Optional<String> token = section.string("BearerToken").map(String::strip);
        Optional<Path> file = section.path("BearerTokenFile");
        if (token.isPresent() && file.isPresent()) {
            section.problem("BearerTokenFile", "cannot be combined with BearerToken; remove one");
        }
        if ((token.isPresent() || file.isPresent())
                && headers.stream().anyMatch(header -> header.getName().equalsIgnoreCase(AUTHORIZATION))) {
            section.problem("Headers", "Authorization cannot be combined with a bearer token; remove one");
        }
        token.ifPresent(text -> {
            if (TOKEN.matcher(text).matches()) {
                headers.add(new BasicHeader(AUTHORIZATION, "Bearer " + text, true));
            } else {
                section.problem("BearerToken", "is empty or holds blanks or characters outside of ASCII");
            }
        });
        Optional<BearerTokenFile> tokenFile = file.map(BearerTokenFile::new);
        tokenFile.flatMap(BearerTokenFile::problem).ifPresent(problem -> section.problem("BearerTokenFile", problem));
        return tokenFile;
    }

    private static Optional<SSLContext> tls(Section section, Optional<URI> url) {
        Optional<Section> tls = section.section("Tls");
        if (tls.isPresent()
                && url.isPresent()
                && "http".equalsIgnoreCase(url.get().getScheme())) {
            section.problem("Tls", "is of no use with an http:// Url; write https:// or remove Tls");
        }
        return tls.flatMap(TlsFiles::read);
    }
}
