package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ProgressText;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * One mapping in the table: {@code partition = "mappings"}, {@code item = UUID}. Writing it is what creates a mapping: its
 * shards' items, in the partition of the mapping's id, bear the name of the generation that they were written for.
 *
 * @param generation tells one creation of the mapping from another
 * @param created when the mapping was created
 * @param streamCreated null when the source did not say
 */
record MappingItem(
        UUID mapping,
        String generation,
        String eventSourceArn,
        Instant created,
        @Nullable Instant streamCreated) {

    static final String PARTITION = "mappings";

    private static final String GENERATION = "generation";
    private static final String ARN = "eventSourceArn";
    private static final String CREATED = "created";
    private static final String STREAM_CREATED = "streamCreated";

    static MappingItem of(UUID mapping, String generation, MappingProgress progress) {
        return new MappingItem(
                mapping, generation, progress.eventSourceArn(), progress.created(), progress.streamCreated());
    }

    static ItemKey key(UUID mapping) {
        return new ItemKey(PARTITION, mapping.toString());
    }

    static MappingItem read(Map<String, AttributeValue> item) {
        return new MappingItem(
                UUID.fromString(Attributes.text(item, StoreTable.ITEM)),
                Attributes.text(item, GENERATION),
                Attributes.text(item, ARN),
                Instant.parse(Attributes.text(item, CREATED)),
                ProgressText.time(Attributes.textOrNull(item, STREAM_CREATED)));
    }

    Map<String, AttributeValue> attributes() {
        Map<String, AttributeValue> item = new HashMap<>(key(mapping).attributes());
        Attributes.putText(item, GENERATION, generation);
        Attributes.putText(item, ARN, eventSourceArn);
        Attributes.putText(item, CREATED, created.toString());
        Attributes.putText(item, STREAM_CREATED, ProgressText.of(streamCreated));
        return item;
    }

    MappingProgress progress(Map<String, ShardProgress> shards) {
        return new MappingProgress(eventSourceArn, created, streamCreated, shards);
    }

    /** Holds while the table has this generation of the mapping. */
    Condition isStored() {
        return Condition.has(Map.of(GENERATION, AttributeValue.fromS(generation)));
    }

    /** Holds while the table does not have the mapping. */
    static Condition isNotStored() {
        return Condition.isAbsent(GENERATION);
    }
}
