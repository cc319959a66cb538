package dev.millrace.source;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.EventSourceMapping;

/** Opens streams of one kind. */
public interface StreamSourceProvider extends EventSourceProvider {

    /**
     * Opens the mapping's stream. Does not call it: a stream that cannot be reached shows at the first
     * {@link StreamSource#describe()}. Clients are shared between the sources of one provider.
     */
    StreamSource open(EventSourceMapping mapping, AwsSettings aws);
}
