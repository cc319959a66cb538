package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.coordination.Coordination;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.StreamPoller;
import dev.millrace.runner.StreamSnapshot;
import dev.millrace.stream.ShardSnapshot;
import dev.millrace.stream.ShardSnapshot.LaneSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A stream mapping as the HTTP server shows it.
 *
 * @param snapshot asks for the newest state; may take a moment
 * @param isAlive whether every loop turns
 * @param clock tells how much time is left for a batch
 */
public record PolledStream(
        EventSourceMapping mapping, Supplier<StreamSnapshot> snapshot, BooleanSupplier isAlive, InstantSource clock)
        implements StatusContent.Polled {

    /** More shards than this in one answer help nobody; those that need help are shown first. */
    static final int MOST_SHARDS = 1_000;

    /** The mapping that this poller polls. */
    public static PolledStream of(StreamPoller poller, InstantSource clock) {
        return new PolledStream(poller.mapping(), poller::snapshot, poller::alive, clock);
    }

    @Override
    public boolean alive() {
        return isAlive.getAsBoolean();
    }

    @Override
    public StatusContent.State state() {
        StreamSnapshot newest = snapshot.get();
        return new StatusContent.State(word(newest), newest.healthy(), status -> describe(newest, status));
    }

    private static String word(StreamSnapshot stream) {
        Coordination.Trouble trouble = stream.coordination().trouble();
        if (trouble != null) {
            return trouble.kind();
        }
        return switch (stream.phase()) {
            case STARTING -> "starting";
            case STOPPING -> "stopping";
            case RUNNING -> runningWord(stream);
        };
    }

    private static String runningWord(StreamSnapshot stream) {
        List<String> kinds = stream.shards().values().stream()
                .map(ShardSnapshot::problem)
                .filter(Objects::nonNull)
                .map(problem -> problem.kind().name())
                .sorted()
                .toList();
        if (!kinds.isEmpty()) {
            return "source trouble: "
                    + String.join(", ", kinds.stream().distinct().toList()) + " in " + kinds.size() + " of "
                    + stream.shards().size() + " shards";
        }
        return stream.starting().isEmpty()
                ? "Enabled"
                : "starting " + stream.starting().size() + " shards";
    }

    private void describe(StreamSnapshot stream, ObjectNode status) {
        Instant now = clock.instant();
        Coordination coordination = stream.coordination();
        status.put("ShardsProcessed", stream.shards().size());
        status.put("ShardsWaitingForParents", coordination.waitingShards());
        putOwners(coordination, now, status);
        if (!stream.starting().isEmpty()) {
            var starting = status.putArray("ShardsStarting");
            stream.starting().stream().sorted().limit(MOST_SHARDS).forEach(starting::add);
        }
        if (coordination.trouble() != null) {
            status.put("Problem", coordination.trouble().message());
        }
        var list = status.putArray("Shards");
        stream.shards().entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, ShardSnapshot> entry) -> blockedSince(entry.getValue()))
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_SHARDS)
                .forEach(entry -> ShardStatus.put(entry.getKey(), entry.getValue(), now, list.addObject()));
        if (stream.shards().size() > MOST_SHARDS) {
            status.put("ShardsNotShown", stream.shards().size() - MOST_SHARDS);
        }
    }

    /** Only where several nodes share the shards. */
    private static void putOwners(Coordination coordination, Instant now, ObjectNode status) {
        if (coordination.owners().isEmpty() && coordination.unowned() == 0) {
            return;
        }
        status.put("ShardsWithoutOwner", coordination.unowned());
        var owners = status.putArray("Owners");
        coordination.owners().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(MOST_SHARDS)
                .forEach(entry -> {
                    ObjectNode owner = owners.addObject();
                    owner.put("ShardId", entry.getKey());
                    owner.put("Node", entry.getValue().node());
                    owner.put("Since", entry.getValue().since().toString());
                    owner.put(
                            "Seconds",
                            Duration.between(entry.getValue().since(), now).toSeconds());
                    if (entry.getValue().handingOverTo() != null) {
                        owner.put("HandingOverTo", entry.getValue().handingOverTo());
                    }
                });
    }

    /** Shards that cannot be read come first, then those that are blocked longest. */
    private static Instant blockedSince(ShardSnapshot shard) {
        return shard.problem() != null
                ? Instant.MIN
                : shard.lanes().stream()
                        .map(LaneSnapshot::blockedSince)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(Instant.MAX);
    }
}
