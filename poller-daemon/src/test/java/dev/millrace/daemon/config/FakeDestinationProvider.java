package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationProvider;
import java.util.Optional;

/** Claims to deliver to everything but topics, and refuses files whose name ends in {@code /}; opens nothing. */
final class FakeDestinationProvider implements DestinationProvider {

    @Override
    public boolean serves(String destination) {
        return !destination.startsWith("arn:aws:sns:us-east-1:");
    }

    @Override
    public Optional<String> problem(String destination) {
        return destination.startsWith("file:") && destination.endsWith("/")
                ? Optional.of("'" + destination + "' is a folder")
                : Optional.empty();
    }

    @Override
    public Destination open(String destination, boolean includePayload, AwsSettings aws) {
        throw new UnsupportedOperationException("opened the fake destination " + destination);
    }

    @Override
    public void close() {}
}
