package dev.millrace.aws;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Clients of one kind, one for each place, opened when first asked for. Places differ also by whom they are called as, so calls
 * with different credentials never share a client. Thread-safe.
 */
public final class SharedClients<C> implements AutoCloseable {

    private record Opened<C>(C client, SharedCredentials credentials) {}

    private final BiFunction<ServicePlace, AwsCredentialsProvider, C> opening;
    private final Consumer<C> closing;
    private final Map<ServicePlace, Opened<C>> opened = new ConcurrentHashMap<>();

    /** Opens and closes clients in this way. */
    public SharedClients(BiFunction<ServicePlace, AwsCredentialsProvider, C> opening, Consumer<C> closing) {
        this.opening = opening;
        this.closing = closing;
    }

    /** The client for the place. */
    public C at(ServicePlace place) {
        return opened.computeIfAbsent(place, this::open).client();
    }

    private Opened<C> open(ServicePlace place) {
        SharedCredentials credentials = SharedCredentials.open(place);
        return new Opened<>(opening.apply(place, credentials), credentials);
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        for (Opened<C> each : opened.values()) {
            closing.accept(each.client());
            each.credentials().close();
        }
        opened.clear();
    }
}
