package dev.millrace.daemon.observe;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;

/** The end of a mapping's meters. */
public final class MappingMeters {

    private MappingMeters() {}

    /** Removes all that carry the mapping's label, so that it can be opened again and counts from 0. */
    public static void remove(UUID mapping, MeterRegistry registry) {
        String label = mapping.toString();
        List<Meter> meters = registry.getMeters().stream()
                .filter(meter -> label.equals(meter.getId().getTag(MappingTags.UUID)))
                .toList();
        meters.forEach(registry::remove);
    }
}
