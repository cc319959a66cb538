package dev.millrace.daemon.config;

import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.coordination.PlacementProvider;
import dev.millrace.failure.DestinationProvider;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.mapping.Arn;
import dev.millrace.source.EventSourceProvider;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/**
 * What the class path adds to the daemon.
 *
 * @param invokers the ways to call a function, by type
 * @param sources the kinds of sources that can be polled; closed by the daemon that polls them
 * @param destinations the kinds of on-failure destinations; closed by the daemon that delivers to them
 * @param stores what keeps the progress of streams, by type
 * @param cluster what shares shards with other nodes, if it is installed; asked only when that is configured, since it is
 *     loaded then
 */
public record Plugins(
        List<InvokerProvider> invokers,
        List<EventSourceProvider> sources,
        List<DestinationProvider> destinations,
        List<CheckpointStoreProvider> stores,
        Supplier<Optional<PlacementProvider>> cluster) {
    public Plugins {
        invokers = List.copyOf(invokers);
        sources = List.copyOf(sources);
        destinations = List.copyOf(destinations);
        stores = List.copyOf(stores);
    }

    /** Everything that is installed. */
    public static Plugins installed() {
        return new Plugins(
                ServiceLoader.load(InvokerProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .sorted(Comparator.comparing(InvokerProvider::type))
                        .toList(),
                ServiceLoader.load(EventSourceProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList(),
                ServiceLoader.load(DestinationProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList(),
                ServiceLoader.load(CheckpointStoreProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .sorted(Comparator.comparing(CheckpointStoreProvider::type))
                        .toList(),
                ClusterJars::placement);
    }

    /** The provider that polls the source, if there is one. */
    public Optional<EventSourceProvider> source(Arn arn) {
        return sources.stream().filter(source -> source.serves(arn)).findFirst();
    }

    /** The provider that delivers to the destination, if there is one. */
    public Optional<DestinationProvider> destination(String destination) {
        return destinations.stream()
                .filter(provider -> provider.serves(destination))
                .findFirst();
    }
}
