package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.invoke.Excerpt;
import dev.millrace.stream.ShardSnapshot;
import dev.millrace.stream.ShardSnapshot.Activity;
import dev.millrace.stream.ShardSnapshot.LaneSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One shard of a stream mapping as JSON. What is not known is left out. */
final class ShardStatus {

    /** Characters of a function's error text. */
    private static final int MOST_TEXT = 500;

    private final ShardSnapshot shard;
    private final Instant now;

    private ShardStatus(ShardSnapshot shard, Instant now) {
        this.shard = shard;
        this.now = now;
    }

    static void put(String shardId, ShardSnapshot shard, Instant now, ObjectNode json) {
        json.put("ShardId", shardId);
        new ShardStatus(shard, now).putShard(json);
    }

    private void putShard(ObjectNode json) {
        json.put(
                "State",
                shard.problem() == null
                        ? spelt(shard.phase())
                        : "source trouble: " + shard.problem().kind());
        put(json, "SettledPosition", shard.checkpoint().position());
        put(json, "SettledUpTo", shard.checkpoint().upTo());
        json.put("NextRead", shard.readFrom().described());
        putSeconds(json, "BehindLatestSeconds", shard.behindLatest());
        putSeconds(json, "RetentionSeconds", shard.retention());
        json.put("CircuitBreaker", shard.health().name());
        json.put("HeldRecords", shard.heldRecords());
        json.put("HeldBytes", shard.heldBytes());
        json.put("UnsavedBatches", shard.unsaved());
        if (shard.problem() != null) {
            json.put("Problem", shard.problem().message());
        }
        int idle = 0;
        var lanes = json.putArray("Lanes");
        for (LaneSnapshot lane : shard.lanes()) {
            if (lane.activity() == Activity.COLLECTING && lane.waiting() == 0 && lane.blockedSince() == null) {
                idle++;
            } else {
                putLane(lane, lanes.addObject());
            }
        }
        json.put("IdleLanes", idle);
    }

    private void putLane(LaneSnapshot lane, ObjectNode json) {
        json.put("Lane", lane.lane());
        json.put("State", spelt(lane.activity()));
        put(json, "BatchFirst", lane.first());
        put(json, "BatchLast", lane.last());
        json.put("BatchSize", lane.batchSize());
        json.put("Attempt", lane.attempt());
        json.put("WaitingRecords", lane.waiting());
        if (lane.lastError() != null) {
            json.put("LastError", Excerpt.of(lane.lastError(), MOST_TEXT));
        }
        put(json, "BlockedSince", lane.blockedSince());
        put(json, "NextRetry", lane.retryAt());
        putLeft(json, "ExpiresByAgeInSeconds", lane.expiresAt());
        putLeft(json, "ExpiresByRetentionInSeconds", shard.trimmedAt(lane).orElse(null));
    }

    private static String spelt(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static void put(ObjectNode json, String key, @Nullable Object value) {
        if (value != null) {
            json.put(key, value.toString());
        }
    }

    private void putLeft(ObjectNode json, String key, @Nullable Instant end) {
        if (end != null) {
            putSeconds(json, key, end.isBefore(now) ? Duration.ZERO : Duration.between(now, end));
        }
    }

    private static void putSeconds(ObjectNode json, String key, @Nullable Duration duration) {
        if (duration != null) {
            json.put(key, duration.toMillis() / 1000.0);
        }
    }
}
