package dev.millrace.source;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.EventSourceMapping;

/** Opens queues of one kind. */
public interface QueueSourceProvider extends EventSourceProvider {

    /**
     * Opens the mapping's queue. Does not call it: a queue that cannot be reached shows at the first
     * {@link QueueSource#describe()}. Clients are shared between the sources of one provider.
     */
    QueueSource open(EventSourceMapping mapping, AwsSettings aws);
}
