package dev.millrace.bench.peer;

import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.crt.AwsCrtHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** The AWS SDK's blocking HTTP clients, by name. */
final class SdkClients {
    private SdkClients() {}

    /**
     * A client.
     *
     * @param name {@code apache5}, {@code crt} or {@code url}
     * @param connections the most calls at a time
     */
    static SdkHttpClient blocking(String name, int connections) {
        return switch (name) {
            case "apache5" ->
                Apache5HttpClient.builder().maxConnections(connections).build();
            case "crt" -> AwsCrtHttpClient.builder().maxConcurrency(connections).build();
            case "url" -> {
                // Its pool keeps five connections per host unless told otherwise.
                System.setProperty("http.maxConnections", Integer.toString(connections));
                yield UrlConnectionHttpClient.create();
            }
            default -> throw new IllegalArgumentException("apache5, crt or url, not " + name);
        };
    }
}
