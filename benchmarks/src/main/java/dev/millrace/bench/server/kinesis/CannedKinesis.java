package dev.millrace.bench.server.kinesis;

import dev.millrace.bench.server.HttpConnection;
import dev.millrace.bench.server.HttpLoop;
import dev.millrace.bench.server.HttpRequest;
import dev.millrace.bench.server.HttpResponse;
import dev.millrace.bench.server.HttpService;
import dev.millrace.bench.server.MessageStamp;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stand-in for Kinesis that costs almost nothing: one stream of open shards in both of AWS's formats, answers built in
 * advance, one thread. Every shard has records without end, or none. {@code GET /stats} tells what was counted.
 *
 * <p>It limits nobody's calls, its iterators never expire, and it checks no signatures: the benchmark measures cost.
 */
public final class CannedKinesis implements HttpService {
    static final String STREAM = "bench";

    private static final String ACTION_PREFIX = "Kinesis_20131202.";
    private static final String STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/" + STREAM;
    private static final String SHARD_PREFIX = "shardId-";

    /** Kinesis's own limits of {@code GetRecords} and {@code ListShards}. */
    private static final int MAX_RECORDS = 10_000;

    private static final int MAX_SHARDS_LISTED = 10_000;
    private static final int SHARDS_LISTED = 1_000;

    private final int shards;
    private final CannedRecords json;
    private final CannedRecords cbor;
    private final BitSet shardsRead = new BitSet();
    private final Instant created = Instant.now();
    private long reads;
    private long recordsRead;
    private long unknownActions;
    private long firstReadMicros;

    /**
     * Builds the answers.
     *
     * @param shards at least 1
     * @param recordBytes data per record
     * @param recordsPerRead the most that one answer has, 0 to 10,000; 0 makes a stream without records
     */
    CannedKinesis(int shards, int recordBytes, int recordsPerRead) {
        this.shards = shards;
        int most = Math.clamp(recordsPerRead, 0, MAX_RECORDS);
        json = new CannedRecords(WireFormat.JSON, most, recordBytes);
        cbor = new CannedRecords(WireFormat.CBOR, most, recordBytes);
    }

    /**
     * Serves on a free port of the loopback address and prints it as {@code READY port}; runs until killed. Arguments:
     * shards, bytes per record, records per read.
     */
    public static void main(String[] args) throws IOException {
        CannedKinesis kinesis =
                new CannedKinesis(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        try (HttpLoop loop = new HttpLoop(0, kinesis)) {
            System.out.println("READY " + loop.port());
            loop.run();
        }
    }

    @Override
    public void serve(HttpRequest request, HttpConnection connection) {
        if (request.isGet()) {
            respond(connection, HttpResponse.json(counters()));
            return;
        }
        WireFormat format = WireFormat.of(request);
        String target = request.header("x-amz-target");
        switch (target.startsWith(ACTION_PREFIX) ? target.substring(ACTION_PREFIX.length()) : "") {
            case "GetRecords" -> getRecords(format, request, connection);
            case "GetShardIterator" -> respond(connection, format, shardIterator(format, request));
            case "ListShards" -> respond(connection, format, listShards(format, request));
            case "DescribeStreamSummary" -> respond(connection, format, Map.of("StreamDescriptionSummary", summary()));
            default -> refuse(connection, format, target);
        }
    }

    private void getRecords(WireFormat format, HttpRequest request, HttpConnection connection) {
        String iterator = format.text(request, "ShardIterator");
        int limit = Math.clamp(format.number(request, "Limit", MAX_RECORDS), 1, MAX_RECORDS);
        int shard = ShardIterators.shard(iterator);
        CannedRecords answer = format == WireFormat.JSON ? json : cbor;
        count(shard, answer.count(limit));
        int length = answer.answer(shard, ShardIterators.position(iterator), limit);
        connection.respond(answer.bytes(), length);
    }

    private void count(int shard, int handedOut) {
        if (reads == 0) {
            firstReadMicros = MessageStamp.now();
        }
        reads++;
        recordsRead += handedOut;
        shardsRead.set(shard);
    }

    private static Map<String, Object> shardIterator(WireFormat format, HttpRequest request) {
        String shard = format.text(request, "ShardId");
        String sequenceNumber = format.text(request, "StartingSequenceNumber");
        long position = sequenceNumber.isEmpty() ? 0 : CannedRecords.position(sequenceNumber);
        boolean behind = "AFTER_SEQUENCE_NUMBER".equals(format.text(request, "ShardIteratorType"));
        String iterator = ShardIterators.of(
                Integer.parseInt(shard, SHARD_PREFIX.length(), shard.length(), 10), behind ? position + 1 : position);
        return Map.of("ShardIterator", iterator);
    }

    private Map<String, Object> listShards(WireFormat format, HttpRequest request) {
        String token = format.text(request, "NextToken");
        int from = token.isEmpty() ? 0 : Integer.parseInt(token);
        int most = Math.clamp(format.number(request, "MaxResults", SHARDS_LISTED), 1, MAX_SHARDS_LISTED);
        int to = Math.min(shards, from + most);
        List<Object> listed = new ArrayList<>();
        for (int shard = from; shard < to; shard++) {
            listed.add(shard(shard));
        }
        Map<String, Object> answer = new LinkedHashMap<>(Map.of("Shards", listed));
        if (to < shards) {
            answer.put("NextToken", Integer.toString(to));
        }
        return answer;
    }

    private Map<String, Object> shard(int shard) {
        return Map.of(
                "ShardId",
                SHARD_PREFIX + "%012d".formatted(shard),
                "HashKeyRange",
                Map.of("StartingHashKey", HashKeys.first(shard, shards), "EndingHashKey", HashKeys.last(shard, shards)),
                "SequenceNumberRange",
                Map.of("StartingSequenceNumber", CannedRecords.sequenceNumber(0)));
    }

    private Map<String, Object> summary() {
        return Map.of(
                "StreamName",
                STREAM,
                "StreamARN",
                STREAM_ARN,
                "StreamStatus",
                "ACTIVE",
                "RetentionPeriodHours",
                24,
                "StreamCreationTimestamp",
                created,
                "EnhancedMonitoring",
                List.of(),
                "EncryptionType",
                "NONE",
                "OpenShardCount",
                shards,
                "ConsumerCount",
                0);
    }

    private void refuse(HttpConnection connection, WireFormat format, String target) {
        unknownActions++;
        System.err.println("unknown action: " + target);
        respond(
                connection,
                format.response(
                        "400 Bad Request",
                        Map.of("__type", "InvalidArgumentException", "message", "not canned: " + target)));
    }

    private String counters() {
        return "{\"reads\":" + reads + ",\"records\":" + recordsRead + ",\"shardsRead\":" + shardsRead.cardinality()
                + ",\"firstReadMicros\":" + firstReadMicros + ",\"unknownActions\":" + unknownActions + "}";
    }

    private static void respond(HttpConnection connection, WireFormat format, Object body) {
        respond(connection, format.response("200 OK", body));
    }

    private static void respond(HttpConnection connection, byte[] response) {
        connection.respond(response, response.length);
    }
}
