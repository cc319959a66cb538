package dev.millrace.source;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;

/** Opens queues of one kind. Found by {@link java.util.ServiceLoader}. */
public interface QueueSourceProvider extends AutoCloseable {

    /** Whether this provider serves the ARN. */
    boolean serves(Arn arn);

    /**
     * Opens the mapping's queue. Does not call it: a queue that cannot be reached shows at the first
     * {@link QueueSource#describe()}. Clients are shared between the sources of one provider.
     */
    QueueSource open(EventSourceMapping mapping, AwsSettings aws);

    /** Closes the shared clients, after all sources are closed. */
    @Override
    void close();
}
