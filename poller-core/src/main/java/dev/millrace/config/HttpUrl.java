package dev.millrace.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** Reads URLs of HTTP servers. */
final class HttpUrl {

    private static final Pattern BEGINNING = Pattern.compile("https?://", Pattern.CASE_INSENSITIVE);

    /** The text is no such URL; the message is for people. */
    static final class NotAUrlException extends Exception {
        private static final long serialVersionUID = 1L;

        NotAUrlException(String message) {
            super(message);
        }
    }

    private HttpUrl() {}

    /** A URL with the scheme http or https and a host. */
    static URI parse(String text) throws NotAUrlException {
        if (text.isEmpty()) {
            throw new NotAUrlException("is empty; write a URL such as http://127.0.0.1:9001/");
        }
        String shown = "'" + text.replaceAll("//[^/@]*@", "//...@") + "'"; // A password may stand before the @.
        if (!BEGINNING.matcher(text).lookingAt()) {
            throw new NotAUrlException(shown + " must begin with http:// or https://");
        }
        try {
            URI url = new URI(text);
            if (url.getHost() == null) {
                throw new NotAUrlException(
                        shown + " has no host, or one that is not a host name (letters, digits, dots and hyphens)");
            }
            return url;
        } catch (URISyntaxException e) {
            throw new NotAUrlException(shown + " is not a URL: " + e.getReason());
        }
    }
}
