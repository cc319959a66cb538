package dev.millrace.bench.peer;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** Posts batches to the function. Thread-safe; blocks until the answer is there. */
public final class FunctionPost {
    private final CloseableHttpClient client;
    private final URI function;

    /** @param connections the most posts at a time */
    public FunctionPost(URI function, int connections) {
        this.function = function;
        client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(connections)
                        .setMaxConnPerRoute(connections)
                        .build())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .build();
    }

    /** Posts message bodies as a JSON array of strings. */
    void post(List<String> bodies) throws IOException {
        byte[] json = json(bodies);
        post(json, json.length);
    }

    /**
     * Posts an event.
     *
     * @param json holds it from its beginning on
     * @throws IllegalStateException when the answer is not 200
     */
    public void post(byte[] json, int length) throws IOException {
        HttpPost post = new HttpPost(function);
        post.setEntity(new ByteArrayEntity(json, 0, length, ContentType.APPLICATION_JSON));
        int status = client.execute(post, response -> {
            EntityUtils.consume(response.getEntity());
            return response.getCode();
        });
        if (status != 200) {
            throw new IllegalStateException("the function answered " + status);
        }
    }

    private static byte[] json(List<String> bodies) {
        StringBuilder json = new StringBuilder(bodies.size() * 128).append('[');
        for (String body : bodies) {
            if (json.length() > 1) {
                json.append(',');
            }
            quote(body, json);
        }
        return json.append(']').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Enough for the canned bodies, which hold no control characters. */
    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '"' || letter == '\\') {
                json.append('\\');
            }
            json.append(letter);
        }
        json.append('"');
    }
}
