package dev.millrace.testkit.dynamodb.operation;

import dev.millrace.testkit.dynamodb.model.ChangeRead;
import dev.millrace.testkit.dynamodb.model.ChangeStream;
import dev.millrace.testkit.dynamodb.model.ShardDescription;
import dev.millrace.testkit.dynamodb.model.StoredChange;
import dev.millrace.testkit.dynamodb.model.Streams;
import dev.millrace.testkit.service.Api;
import dev.millrace.testkit.service.IteratorToken;
import dev.millrace.testkit.service.Iterators;
import dev.millrace.testkit.service.Operation;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All operations of DynamoDB Streams. Thread-safe. */
public final class StreamsApi implements Api {

    private static final int MOST_RECORDS = 1000;
    private static final int MOST_LISTED = 100;
    private static final long MOST_BYTES = 1024 * 1024;
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

    private record Place(String arn, String shardId) {}

    private final Streams streams;
    private final String region;
    private final Iterators iterators;
    private final AtomicReference<StreamsSettings> settings = new AtomicReference<>(StreamsSettings.DEFAULT);
    private final Map<Place, Long> lastReads = new ConcurrentHashMap<>();
    private final Map<String, Operation> operations = Map.of(
            "DescribeStream", this::describe,
            "GetRecords", this::getRecords,
            "GetShardIterator", this::getShardIterator,
            "ListStreams", this::list);

    /** @param region that records name */
    public StreamsApi(Streams streams, String region) {
        this.streams = streams;
        this.region = region;
        this.iterators = new Iterators(streams.clock());
    }

    public void configure(UnaryOperator<StreamsSettings> change) {
        settings.updateAndGet(change);
    }

    /** Makes every shard iterator that was given out unusable. */
    public void expireIterators() {
        iterators.expireAll();
    }

    /** Position at which the last GetRecords call on this shard began; null when there was none. */
    public @Nullable Long lastRead(String arn, String shardId) {
        return lastReads.get(new Place(arn, shardId));
    }

    // ---- what the handler asks ----

    @Override
    public String streamOf(Request request) {
        return request.text("StreamArn")
                .or(() -> IteratorToken.in(request).map(IteratorToken::stream))
                .orElse("");
    }

    @Override
    public String shardOf(Request request) {
        return request.text("ShardId")
                .or(() -> IteratorToken.in(request).map(IteratorToken::shardId))
                .orElse("");
    }

    @Override
    public Answer run(String name, Request request) {
        Operation operation = operations.get(name);
        if (operation == null) {
            throw new Refusal(400, "UnknownOperationException", "There is no operation " + name + ".");
        }
        return operation.run(request);
    }

    @Override
    public String typeOf(String code) {
        return "com.amazonaws.dynamodb.v20120810#" + code;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of(
                "x-amzn-RequestId",
                UUID.randomUUID().toString(),
                "Date",
                HTTP_DATE.format(streams.clock().instant()));
    }

    // ---- streams and shards ----

    private Answer list(Request request) {
        int limit = request.number("Limit", MOST_LISTED, 1, MOST_LISTED);
        Optional<String> table = request.text("TableName");
        Optional<String> after = request.text("ExclusiveStartStreamArn");
        List<ChangeStream.Head> all = streams.all().stream()
                .map(ChangeStream::head)
                .filter(head -> table.isEmpty() || table.get().equals(head.table()))
                .toList();
        int from = after.map(arn ->
                        1 + all.stream().map(ChangeStream.Head::arn).toList().indexOf(arn))
                .orElse(0);
        List<ChangeStream.Head> page = all.subList(from, Math.min(from + limit, all.size()));
        boolean more = from + page.size() < all.size();
        return fields -> {
            fields.objects("Streams", page, Shapes::stream);
            fields.text("LastEvaluatedStreamArn", more ? page.getLast().arn() : null);
        };
    }

    private Answer describe(Request request) {
        ChangeStream stream = streams.stream(request.requiredText("StreamArn"));
        int limit = Math.min(
                request.number("Limit", MOST_LISTED, 1, MOST_LISTED),
                settings.get().shardsInPage());
        String after = request.text("ExclusiveStartShardId").orElse("");
        List<ShardDescription> shards = shards(stream, request).stream()
                .filter(shard -> shard.shardId().compareTo(after) > 0)
                .toList();
        List<ShardDescription> page = shards.subList(0, Math.min(limit, shards.size()));
        return fields -> fields.object("StreamDescription", description -> {
            Shapes.describe(stream, description);
            description.objects("Shards", page, Shapes::shard);
            description.text(
                    "LastEvaluatedShardId",
                    page.size() < shards.size() ? page.getLast().shardId() : null);
        });
    }

    private List<ShardDescription> shards(ChangeStream stream, Request request) {
        Optional<Request> filter = request.object("ShardFilter");
        if (filter.isEmpty() || !settings.get().filtersShards()) {
            return stream.shards();
        }
        String type = filter.get().requiredText("Type");
        if (!type.equals("CHILD_SHARDS")) {
            throw Refusal.validation("1 validation error detected: Value '" + type + "' at 'shardFilter.type' failed to"
                    + " satisfy constraint: Member must satisfy enum value set: [CHILD_SHARDS]");
        }
        return stream.children(filter.get().requiredText("ShardId"));
    }

    // ---- records ----

    private Answer getShardIterator(Request request) {
        ChangeStream stream = streams.stream(request.requiredText("StreamArn"));
        String shardId = request.requiredText("ShardId");
        String type = request.requiredText("ShardIteratorType");
        long position = switch (type) {
            case "TRIM_HORIZON" -> stream.oldest(shardId);
            case "LATEST" -> stream.latest(shardId);
            case "AT_SEQUENCE_NUMBER" -> stream.position(shardId, request.requiredText("SequenceNumber"));
            case "AFTER_SEQUENCE_NUMBER" -> stream.position(shardId, request.requiredText("SequenceNumber")) + 1;
            default ->
                throw Refusal.validation(
                        "1 validation error detected: Value '" + type + "' at 'shardIteratorType' failed to satisfy"
                                + " constraint: Member must satisfy enum value"
                                + " set: [AFTER_SEQUENCE_NUMBER, LATEST,"
                                + " AT_SEQUENCE_NUMBER, TRIM_HORIZON]");
        };
        String iterator = iterator(stream, shardId, position);
        return fields -> fields.text("ShardIterator", iterator);
    }

    private String iterator(ChangeStream stream, String shardId, long position) {
        return iterators.issue(stream.head().arn(), stream.head().created(), shardId, position);
    }

    private Answer getRecords(Request request) {
        int limit = request.number("Limit", MOST_RECORDS, 1, MOST_RECORDS);
        IteratorToken token = usable(request);
        ChangeStream stream = streams.stream(token.stream());
        ChangeRead read = stream.read(token.shardId(), token.index(), limit, MOST_BYTES);
        boolean ends = read.atEnd()
                && (settings.get().endWithRecords() || read.records().isEmpty());
        return answer(stream, read.records(), ends ? null : iterator(stream, token.shardId(), read.next()));
    }

    @Override
    public Answer emptyRead(Request request) {
        IteratorToken token = usable(request);
        ChangeStream stream = streams.stream(token.stream());
        return answer(stream, List.of(), iterator(stream, token.shardId(), token.index()));
    }

    private IteratorToken usable(Request request) {
        IteratorToken token;
        try {
            token = IteratorToken.parse(request.requiredText("ShardIterator"));
        } catch (Refusal e) {
            throw Refusal.validation("Invalid ShardIterator");
        }
        iterators.requireFresh(token, settings.get().iteratorLife());
        lastReads.put(new Place(token.stream(), token.shardId()), token.index());
        return token;
    }

    private Answer answer(ChangeStream stream, List<StoredChange> records, @Nullable String next) {
        return fields -> {
            fields.objects("Records", records, record -> Shapes.record(record, stream.head(), region));
            fields.text("NextShardIterator", next);
        };
    }
}
