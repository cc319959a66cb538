package dev.millrace.source;

import dev.millrace.mapping.Arn;

/**
 * Opens event sources of one kind. Found by {@link java.util.ServiceLoader}: a jar on the class path that names an
 * implementation in {@code META-INF/services} under this type's name adds a kind, and mappings of sources that no provider
 * serves are refused. Made also by {@code millrace validate}: an instance holds nothing until it has opened something.
 */
public interface EventSourceProvider extends AutoCloseable {

    /** Whether this provider serves the ARN. Called while a configuration is read; must not connect. */
    boolean serves(Arn arn);

    /** Closes the shared clients, after all sources are closed. */
    @Override
    void close();
}
