package dev.millrace.testkit.kinesis.operation;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.kinesis.model.Placed;
import dev.millrace.testkit.kinesis.model.ReadResult;
import dev.millrace.testkit.kinesis.model.ShardDescription;
import dev.millrace.testkit.kinesis.model.StartingPoint;
import dev.millrace.testkit.service.HashKeyRange;
import dev.millrace.testkit.service.IteratorToken;
import dev.millrace.testkit.service.Operation;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writing and reading records. */
final class RecordOperations {

    private static final int MOST_RECORDS_READ = 10_000;
    private static final int MOST_RECORDS_PUT = 500;
    private static final long MOST_BYTES = 10 * 1024 * 1024;
    private static final int LONGEST_PARTITION_KEY = 256;

    private final Service service;

    RecordOperations(Service service) {
        this.service = service;
    }

    Map<String, Operation> all() {
        return Map.of(
                "PutRecord", this::putRecord,
                "PutRecords", this::putRecords,
                "GetShardIterator", this::getShardIterator,
                "GetRecords", this::getRecords);
    }

    /** A record that is to be put, checked as far as the request tells. */
    private record Entry(String partitionKey, @Nullable BigInteger explicitHashKey, Payload data) {

        static Entry read(Request request) {
            String key = request.requiredText("PartitionKey");
            if (key.isEmpty() || key.codePointCount(0, key.length()) > LONGEST_PARTITION_KEY) {
                throw Refusal.validation("1 validation error detected: Value at 'partitionKey' failed to satisfy"
                        + " constraint: Member must have length between 1 and " + LONGEST_PARTITION_KEY);
            }
            return new Entry(key, hashKey(request), request.requiredBytes("Data"));
        }

        Placed putOn(DataStream stream) {
            return stream.put(partitionKey, explicitHashKey, data, null);
        }
    }

    private Answer putRecord(Request request) {
        DataStream stream = service.stream(request);
        return placed(Entry.read(request).putOn(stream));
    }

    private Answer putRecords(Request request) {
        DataStream stream = service.stream(request);
        List<Entry> entries =
                request.objects("Records").stream().map(Entry::read).toList();
        if (entries.isEmpty() || entries.size() > MOST_RECORDS_PUT) {
            throw Refusal.validation("1 validation error detected: Value at 'records' failed to satisfy constraint:"
                    + " Member must have length between 1 and " + MOST_RECORDS_PUT);
        }
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += stream.requireTakes(entry.partitionKey(), entry.data());
        }
        if (bytes > MOST_BYTES) {
            throw Refusal.invalidArgument("Records size exceeds 10 MB limit");
        }
        List<Placed> placed = entries.stream().map(entry -> entry.putOn(stream)).toList();
        return fields -> {
            fields.number("FailedRecordCount", 0);
            fields.objects("Records", placed, RecordOperations::placed);
        };
    }

    private static @Nullable BigInteger hashKey(Request request) {
        return request.text("ExplicitHashKey")
                .map(text -> hashKey("ExplicitHashKey", text))
                .orElse(null);
    }

    /** Reads a hash key, which must be one of the 128-bit numbers. */
    static BigInteger hashKey(String member, String text) {
        if (text.matches("0|[1-9]\\d{0,38}")) {
            BigInteger key = new BigInteger(text);
            if (key.compareTo(HashKeyRange.LARGEST) <= 0) {
                return key;
            }
        }
        throw Refusal.invalidArgument("Invalid " + member + ". " + member + " must be in the range: [0, 2^128-1]."
                + " Specified value was " + text);
    }

    private static Answer placed(Placed placed) {
        return fields -> {
            fields.text("ShardId", placed.shardId());
            fields.text("SequenceNumber", placed.sequenceNumber());
        };
    }

    private Answer getShardIterator(Request request) {
        DataStream stream = service.stream(request);
        String shardId = request.requiredText("ShardId");
        StartingPoint point =
                startingPoint(request, request.requiredText("ShardIteratorType"), "StartingSequenceNumber");
        long index = stream.locate(shardId, point, service.settings().limited());
        String iterator = service.iterator(stream, shardId, index);
        return fields -> fields.text("ShardIterator", iterator);
    }

    /**
     * Reads where a reader wants to begin.
     *
     * @param type as ShardIteratorType and StartingPosition.Type spell it
     * @param number name of the member with the sequence number
     */
    static StartingPoint startingPoint(Request request, String type, String number) {
        return switch (type) {
            case "TRIM_HORIZON" -> new StartingPoint.TrimHorizon();
            case "LATEST" -> new StartingPoint.Latest();
            case "AT_TIMESTAMP" ->
                new StartingPoint.AtTimestamp(request.time("Timestamp")
                        .orElseThrow(() -> Refusal.invalidArgument(
                                "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.")));
            case "AT_SEQUENCE_NUMBER" -> new StartingPoint.AtSequenceNumber(number(request, number));
            case "AFTER_SEQUENCE_NUMBER" -> new StartingPoint.AfterSequenceNumber(number(request, number));
            default ->
                throw Refusal.validation(
                        "1 validation error detected: Value '" + type + "' at 'shardIteratorType' failed to satisfy"
                                + " constraint: Member must satisfy enum value"
                                + " set: [AFTER_SEQUENCE_NUMBER, LATEST,"
                                + " AT_TIMESTAMP, AT_SEQUENCE_NUMBER,"
                                + " TRIM_HORIZON]");
        };
    }

    private static String number(Request request, String member) {
        return request.text(member)
                .orElseThrow(() -> Refusal.invalidArgument("Must either specify (1) AT_SEQUENCE_NUMBER or"
                        + " AFTER_SEQUENCE_NUMBER with " + member + " or (2) TRIM_HORIZON or LATEST without it."));
    }

    private Answer getRecords(Request request) {
        IteratorToken token = IteratorToken.parse(request.requiredText("ShardIterator"));
        int limit = request.number("Limit", MOST_RECORDS_READ, 1, MOST_RECORDS_READ);
        DataStream stream = service.stream(token);
        String shardId = token.shardId();
        service.noteRead(stream, shardId, token.index());
        ServerSettings settings = service.settings();
        ReadResult read = stream.read(shardId, token.index(), limit, MOST_BYTES, settings.limited());
        boolean ends =
                read.atEnd() && (settings.endWithRecords() || read.records().isEmpty());
        return ends
                ? lastRead(read, stream.children(shardId))
                : read(read, service.iterator(stream, shardId, read.next()));
    }

    private static Answer lastRead(ReadResult read, List<ShardDescription> children) {
        return fields -> {
            fields.objects("Records", read.records(), Shapes::record);
            fields.number("MillisBehindLatest", read.behind().toMillis());
            fields.objects("ChildShards", children, Shapes::child);
        };
    }

    private static Answer read(ReadResult read, String next) {
        return fields -> {
            fields.objects("Records", read.records(), Shapes::record);
            fields.text("NextShardIterator", next);
            fields.number("MillisBehindLatest", read.behind().toMillis());
        };
    }

    /** An answer without records although some follow; the next iterator leads to the same place. */
    Answer emptyRead(Request request) {
        IteratorToken token = IteratorToken.parse(request.requiredText("ShardIterator"));
        DataStream stream = service.stream(token);
        service.noteRead(stream, token.shardId(), token.index());
        Duration behind = stream.read(token.shardId(), token.index(), 0, MOST_BYTES, false)
                .behind();
        String next = service.iterator(stream, token.shardId(), token.index());
        return fields -> {
            fields.objects("Records", List.of(), Shapes::record);
            fields.text("NextShardIterator", next);
            fields.number("MillisBehindLatest", Math.max(1, behind.toMillis()));
        };
    }
}
