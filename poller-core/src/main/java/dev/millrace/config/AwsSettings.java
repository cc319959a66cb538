package dev.millrace.config;

import java.net.URI;
import java.util.Map;

/**
 * The daemon's AWS settings, shared by sources and invokers.
 *
 * @param region default region, such as {@code us-east-1}
 * @param accountId default account, twelve digits
 * @param endpoints endpoint overrides by service key as in the configuration ({@code Sqs}, {@code Lambda}, ...)
 */
public record AwsSettings(String region, String accountId, Map<String, URI> endpoints) {
    public AwsSettings {
        endpoints = Map.copyOf(endpoints);
    }
}
