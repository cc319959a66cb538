package dev.millrace.config;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AWS settings of one mapping, for its source and its destination. What is not given is as for the daemon.
 *
 * @param credentials as {@link CredentialSettings#within} adds them to the daemon's
 * @param endpoint of every service that the mapping's source or destination may be, STS not among them; null for none
 * @param endpoints overrides by service key
 * @param region of all calls, whatever region the ARNs name; null for the ARNs'
 */
public record AwsOverride(
        CredentialSettings credentials,
        @Nullable URI endpoint,
        Map<String, URI> endpoints,
        @Nullable String region) {

    public static final AwsOverride NONE = new AwsOverride(CredentialSettings.USUAL, null, Map.of(), null);

    public AwsOverride {
        endpoints = Map.copyOf(endpoints);
    }
}
