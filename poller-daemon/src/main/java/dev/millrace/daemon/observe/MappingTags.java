package dev.millrace.daemon.observe;

import dev.millrace.mapping.EventSourceMapping;
import io.micrometer.core.instrument.Tags;

/** The labels that every metric of a mapping carries. */
final class MappingTags {

    static final String UUID = "event_source_mapping_uuid";

    private MappingTags() {}

    static Tags of(EventSourceMapping mapping) {
        return Tags.of(
                UUID,
                mapping.uuid().toString(),
                "event_source",
                mapping.eventSourceArn().resource(),
                "function",
                mapping.function().toString());
    }
}
