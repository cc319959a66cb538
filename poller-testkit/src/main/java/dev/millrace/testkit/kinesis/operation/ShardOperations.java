package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.kinesis.model.ShardDescription;
import dev.millrace.testkit.kinesis.model.ShardFilter;
import dev.millrace.testkit.service.Operation;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Listing, splitting and merging shards. Everything is done when its answer is given. */
final class ShardOperations {

    private static final int USUALLY_LISTED = 1000;
    private static final int MOST_LISTED = 10_000;
    private static final int MOST_SHARDS = 100_000;

    private final Service service;

    ShardOperations(Service service) {
        this.service = service;
    }

    Map<String, Operation> all() {
        return Map.of(
                "ListShards", this::list,
                "SplitShard", this::split,
                "MergeShards", this::merge,
                "UpdateShardCount", this::updateCount);
    }

    /** Where a listing goes on; Kinesis does not take the name beside it. */
    private record Page(String stream, String afterShardId, String filter) {

        static Page parse(String token) {
            try {
                String[] parts = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8).split("\\|", -1);
                if (parts.length == 3) {
                    return new Page(parts[0], parts[1], parts[2]);
                }
            } catch (IllegalArgumentException e) {
                throw Refusal.invalidArgument("Invalid NextToken: " + e.getMessage());
            }
            throw Refusal.invalidArgument("Invalid NextToken.");
        }

        String print() {
            String text = stream + "|" + afterShardId + "|" + filter;
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Answer list(Request request) {
        boolean goesOn = request.has("NextToken");
        if (goesOn && request.has("StreamName")) {
            throw Refusal.invalidArgument("NextToken and StreamName cannot be provided together.");
        }
        int limit = request.number("MaxResults", USUALLY_LISTED, 1, MOST_LISTED);
        Page page = goesOn ? Page.parse(request.requiredText("NextToken")) : firstPage(request);
        DataStream stream = service.account().stream(page.stream());
        List<ShardDescription> shards = stream.shards(filter(page.filter())).stream()
                .filter(shard -> shard.shardId().compareTo(page.afterShardId()) > 0)
                .toList();
        List<ShardDescription> some = shards.subList(0, Math.min(limit, shards.size()));
        String next = some.size() == shards.size()
                ? null
                : new Page(page.stream(), some.getLast().shardId(), page.filter()).print();
        return fields -> {
            fields.objects("Shards", some, Shapes::shard);
            fields.text("NextToken", next);
        };
    }

    private Page firstPage(Request request) {
        String filter =
                request.object("ShardFilter").map(ShardOperations::filter).orElse("");
        String after = request.text("ExclusiveStartShardId").orElse("");
        return new Page(service.stream(request).name(), after, filter);
    }

    /** A filter in short, as it fits into a token. */
    private static String filter(Request filter) {
        String type = filter.requiredText("Type");
        return switch (type) {
            case "AFTER_SHARD_ID" -> type + ":" + filter.requiredText("ShardId");
            case "AT_TIMESTAMP", "FROM_TIMESTAMP" ->
                type + ":"
                        + filter.time("Timestamp")
                                .orElseThrow(() -> Refusal.invalidArgument(
                                        "Timestamp must be provided in ShardFilter of type " + type))
                                .toEpochMilli();
            default -> type + ":";
        };
    }

    private static ShardFilter filter(String text) {
        String argument = text.substring(text.indexOf(':') + 1);
        return switch (text.split(":", 2)[0]) {
            case "", "FROM_TRIM_HORIZON" -> new ShardFilter.Everything();
            case "AFTER_SHARD_ID" -> new ShardFilter.AfterShardId(argument);
            case "AT_TRIM_HORIZON" -> new ShardFilter.AtTrimHorizon();
            case "AT_LATEST" -> new ShardFilter.AtLatest();
            case "AT_TIMESTAMP" -> new ShardFilter.AtTimestamp(Instant.ofEpochMilli(Long.parseLong(argument)));
            case "FROM_TIMESTAMP" -> new ShardFilter.FromTimestamp(Instant.ofEpochMilli(Long.parseLong(argument)));
            default -> throw Refusal.validation("Invalid ShardFilter: " + text);
        };
    }

    private Answer split(Request request) {
        service.stream(request)
                .split(
                        request.requiredText("ShardToSplit"),
                        RecordOperations.hashKey("NewStartingHashKey", request.requiredText("NewStartingHashKey")));
        return Answer.EMPTY;
    }

    private Answer merge(Request request) {
        service.stream(request)
                .merge(request.requiredText("ShardToMerge"), request.requiredText("AdjacentShardToMerge"));
        return Answer.EMPTY;
    }

    private Answer updateCount(Request request) {
        DataStream stream = service.stream(request);
        int wanted = request.requiredNumber("TargetShardCount", 1, MOST_SHARDS);
        int had = stream.openShards();
        if (wanted > 2 * had || 2 * wanted < had) {
            throw Refusal.invalidArgument("UpdateShardCount cannot scale beyond double or below half of the current "
                    + had + " open shards of stream " + stream.name() + ".");
        }
        stream.resize(wanted);
        return fields -> {
            fields.text("StreamName", stream.name());
            fields.text("StreamARN", stream.arn());
            fields.number("CurrentShardCount", had);
            fields.number("TargetShardCount", wanted);
        };
    }
}
