package dev.millrace.daemon.shared;

import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.MappingRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What has to change so that what is polled is what the definitions say.
 *
 * @param stop no longer to be polled, or not with these settings
 * @param open to be polled at once
 * @param openAfter to be polled once those have ended that are in the way: they have the same id, or the same source and function
 */
public record MappingChanges(
        List<EventSourceMapping> stop, List<EventSourceMapping> open, List<EventSourceMapping> openAfter) {

    public MappingChanges {
        stop = List.copyOf(stop);
        open = List.copyOf(open);
        openAfter = List.copyOf(openAfter);
    }

    /**
     * Compares.
     *
     * @param polled with the settings that they were opened with
     * @param wanted as the definitions say at this moment
     */
    public static MappingChanges between(Collection<EventSourceMapping> polled, List<ReadDefinition> wanted) {
        Map<UUID, EventSourceMapping> enabled = new HashMap<>();
        List<EventSourceMapping> inOrder = new ArrayList<>();
        for (ReadDefinition definition : wanted) {
            if (definition instanceof ReadDefinition.Usable(var _, var mapping) && mapping.enabled()) {
                enabled.put(mapping.uuid(), mapping);
                inOrder.add(mapping);
            }
        }
        List<EventSourceMapping> stop = polled.stream()
                .filter(mapping -> !mapping.equals(enabled.get(mapping.uuid())))
                .toList();
        List<EventSourceMapping> open = new ArrayList<>();
        List<EventSourceMapping> openAfter = new ArrayList<>();
        for (EventSourceMapping mapping : inOrder) {
            if (!polled.contains(mapping)) {
                (MappingRules.conflict(mapping, stop).isPresent() ? openAfter : open).add(mapping);
            }
        }
        return new MappingChanges(stop, open, openAfter);
    }

    public boolean isEmpty() {
        return stop.isEmpty() && open.isEmpty() && openAfter.isEmpty();
    }
}
