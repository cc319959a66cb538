package dev.millrace.destination.aws;

import dev.millrace.aws.EndpointCredentials;
import dev.millrace.aws.ServicePlace;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import software.amazon.awssdk.core.SdkClient;

/** The SDK's clients of one service, one for each region and endpoint, opened when first asked for. Thread-safe. */
final class SharedClients<C extends SdkClient> implements AutoCloseable {

    /**
     * Most connections of one client. Each delivery takes one, and discards come in waves: when a function is broken, every
     * lane of every shard has one at the same time.
     */
    static final int CONNECTIONS = 2_000;

    private record Opened<C>(C client, EndpointCredentials credentials) {}

    private final BiFunction<ServicePlace, EndpointCredentials, C> opening;
    private final Map<ServicePlace, Opened<C>> opened = new ConcurrentHashMap<>();

    /** Opens clients in this way. */
    SharedClients(BiFunction<ServicePlace, EndpointCredentials, C> opening) {
        this.opening = opening;
    }

    C at(ServicePlace place) {
        return opened.computeIfAbsent(place, this::open).client();
    }

    private Opened<C> open(ServicePlace place) {
        EndpointCredentials credentials = EndpointCredentials.forEndpoint(place.endpoint());
        return new Opened<>(opening.apply(place, credentials), credentials);
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        for (Opened<C> each : opened.values()) {
            each.client().close();
            each.credentials().close();
        }
        opened.clear();
    }
}
