package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.StoreException;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import dev.millrace.invoke.Payload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The states of open tumbling windows. One may have 1 MB and an item 400 KB, so a state is kept in pieces of its own, beside
 * the shard's item: {@code item = "window/GENERATION/SHARD/PLACE/PIECE"}. A state is never changed: a new one gets a
 * new place, to which the shard's item points from then on. So both change at once. Thread-safe.
 */
final class WindowStates {

    private static final String DATA = "data";
    private static final String PIECES = "pieces";

    /** Leaves room for keys in DynamoDB's 400 KB. */
    private static final int PIECE = 350 << 10;

    private final StoreTable table;

    WindowStates(StoreTable table) {
        this.table = table;
    }

    /** Of all states of a generation. */
    static String prefix(String generation) {
        return "window/" + generation + "/";
    }

    private static String prefix(MappingItem mapping, String shardId) {
        return prefix(mapping.generation()) + shardId + "/";
    }

    private static String prefix(MappingItem mapping, String shardId, String place) {
        return prefix(mapping, shardId) + place + "/";
    }

    void put(MappingItem mapping, String shardId, String place, Payload state)
            throws StoreException, InterruptedException {
        byte[] bytes = state.bytes();
        int pieces = Math.max(1, Math.ceilDiv(bytes.length, PIECE));
        for (int piece = 0; piece < pieces; piece++) {
            ItemKey key = new ItemKey(
                    mapping.mapping().toString(), prefix(mapping, shardId, place) + String.format("%03d", piece));
            Map<String, AttributeValue> item = new HashMap<>(key.attributes());
            byte[] part = Arrays.copyOfRange(bytes, piece * PIECE, Math.min(bytes.length, (piece + 1) * PIECE));
            item.put(DATA, AttributeValue.fromB(SdkBytes.fromByteArrayUnsafe(part)));
            item.put(PIECES, Attributes.number(pieces));
            table.put(item, null);
        }
    }

    /** The state; empty when it is not there, or not as a whole: it is being replaced at this moment. */
    Optional<Payload> get(MappingItem mapping, String shardId, String place)
            throws StoreException, InterruptedException {
        List<Map<String, AttributeValue>> items =
                table.query(mapping.mapping().toString(), prefix(mapping, shardId, place));
        if (items.isEmpty() || items.size() < Attributes.number(items.getFirst(), PIECES)) {
            return Optional.empty();
        }
        List<Payload> parts = new ArrayList<>();
        for (Map<String, AttributeValue> item : items) {
            AttributeValue data = item.get(DATA);
            if (data == null || data.b() == null) {
                throw new IllegalArgumentException("no bytes " + DATA + " in " + ItemKey.of(item));
            }
            parts.add(Payload.of(data.b().asByteArrayUnsafe()));
        }
        return Optional.of(Payload.joined(parts));
    }

    /** Deletes one state, if it is there. */
    void delete(MappingItem mapping, String shardId, String place) throws StoreException, InterruptedException {
        table.deleteAll(mapping.mapping().toString(), prefix(mapping, shardId, place));
    }

    /** Deletes all states of a shard. */
    void deleteAll(MappingItem mapping, String shardId) throws StoreException, InterruptedException {
        table.deleteAll(mapping.mapping().toString(), prefix(mapping, shardId));
    }
}
