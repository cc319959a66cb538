package dev.millrace.failure;

import dev.millrace.config.AwsSettings;
import java.util.Optional;

/**
 * Opens destinations of some kinds. Found by {@link java.util.ServiceLoader}, made also by {@code millrace validate}: an
 * instance holds nothing until it has opened something.
 */
public interface DestinationProvider extends AutoCloseable {

    /** Whether this provider serves the destination. Called while a configuration is read; must not connect. */
    boolean serves(String destination);

    /** Why a destination that it serves cannot be used, for people; empty when it can. Must not connect. */
    Optional<String> problem(String destination);

    /**
     * Opens a destination that it serves; does not connect.
     *
     * @param includePayload the record carries the event as well, as far as it fits ({@code Millrace.IncludePayload})
     */
    Destination open(String destination, boolean includePayload, AwsSettings aws);

    /** Closes the shared clients, after all destinations are closed. */
    @Override
    void close();
}
