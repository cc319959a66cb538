package dev.millrace.dynamodb;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.Loopback;
import dev.millrace.testkit.StreamSourceContract;
import dev.millrace.testkit.dynamodb.DynamoDbEndpoint;
import dev.millrace.testkit.dynamodb.DynamoDbStreamsServer;
import dev.millrace.testkit.dynamodb.OnEveryDynamoDbServer;
import dev.millrace.testkit.dynamodb.TableShape;
import dev.millrace.testkit.dynamodb.TestTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The contract of streams, on every server that speaks DynamoDB's API. */
@OnEveryDynamoDbServer
class DynamoDbPollingTest extends StreamSourceContract {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String NO_LABEL = "2020-01-01T00:00:00.000";

    private final DynamoDbEndpoint server;
    private final TableStreams streams = new TableStreams();
    private final List<TestTable> tables = new ArrayList<>();

    DynamoDbPollingTest(DynamoDbEndpoint server) {
        this.server = server;
    }

    @AfterEach
    void close() {
        streams.close();
        tables.forEach(TestTable::close);
    }

    @Override
    protected StreamUnderTest stream(int shards, List<String> filterPatterns) {
        TestTable table = table(shards);
        tables.add(table);
        StreamSource source = streams.open(table.streamArn(), server.endpoint(), filterPatterns);
        return new StreamUnderTest() {
            @Override
            public StreamSource source() {
                return source;
            }

            @Override
            public void put(String key, String data) {
                table.put(key, "data", data);
            }

            @Override
            public void endShards() {
                table.rollOver();
            }
        };
    }

    private TestTable table(int shards) {
        if (shards == 1) {
            return TestTable.create(server);
        }
        Assumptions.assumeTrue(server.faulty().isPresent(), "the stream of a new table has one shard");
        return server.faulty().orElseThrow().table(TableShape.simple(), shards);
    }

    @Override
    protected void expireIterators() {
        server.faulty().ifPresentOrElse(DynamoDbStreamsServer::expireIterators, super::expireIterators);
    }

    /** What the wire makes of them is not what the SDK's builders make. */
    @Test
    void attributesOfEveryTypeComeAsTheyWereWritten() throws Exception {
        TestTable table = table(1);
        tables.add(table);
        Map<String, AttributeValue> item = Map.ofEntries(
                entry("id", AttributeValue.fromS("é😀 \"x\"")),
                entry("b", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, -1, 62}))),
                entry("bool", AttributeValue.fromBool(false)),
                entry("bs", AttributeValue.fromBs(List.of(SdkBytes.fromUtf8String("x")))),
                entry("l", AttributeValue.fromL(List.of(AttributeValue.fromN("1"), AttributeValue.fromNul(true)))),
                entry("le", AttributeValue.fromL(List.of())),
                entry("m", AttributeValue.fromM(Map.of("k", AttributeValue.fromM(Map.of())))),
                entry("n", AttributeValue.fromN("12345678901234567890.123456789")),
                entry("ns", AttributeValue.fromNs(List.of("1"))),
                entry("s", AttributeValue.fromS("")),
                entry("ss", AttributeValue.fromSs(List.of("a"))));
        table.put(item);
        StreamSource source = streams.open(table.streamArn(), server.endpoint(), List.of());

        StreamRecord record = readAll(
                        source.open(source.shards().getFirst().shardId()), new ReadPosition.TrimHorizon(), 10, 1)
                .getFirst();

        assertThat(record.key()).isEqualTo("{\"id\":{\"S\":\"é😀 \\\"x\\\"\"}}");
        assertThat(record.json().text())
                .contains(",\"eventName\":\"INSERT\",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",")
                .contains("\"awsRegion\":\"" + server.region() + "\",\"dynamodb\":{\"ApproximateCreationDateTime\":")
                .contains("\"Keys\":" + record.key()
                        + ",\"NewImage\":{\"b\":{\"B\":\"AP8+\"},\"bool\":{\"BOOL\":false},\"bs\":{\"BS\":[\"eA==\"]},\"id\":{\"S\":\"é😀"
                        + " \\\"x\\\"\"},\"l\":{\"L\":[{\"N\":\"1\"},{\"NULL\":true}]},\"le\":{\"L\":[]},"
                        + "\"m\":{\"M\":{\"k\":{\"M\":{}}}},\"n\":{\"N\":\"12345678901234567890.123456789\"},"
                        + "\"ns\":{\"NS\":[\"1\"]},\"s\":{\"S\":\"\"},\"ss\":{\"SS\":[\"a\"]}},\"SequenceNumber\":\"")
                .endsWith(",\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},\"eventSourceARN\":\"" + table.streamArn()
                        + "\"}");
    }

    @Test
    void aDisabledStreamIsReadToItsEndAndTold() throws Exception {
        TestTable table = table(1);
        tables.add(table);
        StreamSource source = streams.open(table.streamArn(), server.endpoint(), List.of());
        assertThat(source.describe().ended()).isNull();
        table.put("k", "data", "x");
        table.disableStream();

        assertThat(source.describe().ended()).contains("was disabled");
        assertThat(source.shards()).singleElement().matches(StreamShard::closed);
        List<StreamRecord> records = new ArrayList<>();
        ShardRead end = readToEnd(
                source.open(source.shards().getFirst().shardId()), new ReadPosition.TrimHorizon(), 10, records);

        assertThat(records).hasSize(1);
        assertThat(end.children()).isEmpty();
    }

    @Test
    void latestIsTheStreamThatTheTableHas() throws Exception {
        TestTable table = table(1);
        tables.add(table);
        String first = table.streamArn();
        StreamSource before = streams.open(server.streamArn(table.name(), "latest"), server.endpoint(), List.of());
        before.describe();
        table.disableStream();
        String second = table.enableStream();
        table.put("k", "data", "x");

        assertThat(before.describe().ended()).startsWith(first).contains("newer one, " + second);
        StreamSource after = streams.open(server.streamArn(table.name(), "latest"), server.endpoint(), List.of());
        assertThat(after.describe().ended()).isNull();
        StreamRecord record = readAll(
                        after.open(after.shards().getFirst().shardId()), new ReadPosition.TrimHorizon(), 10, 1)
                .getFirst();
        assertThat(record.json().text()).endsWith("\"eventSourceARN\":\"" + second + "\"}");
    }

    @Override
    protected StreamSource missing() {
        return streams.open(server.streamArn("no-such-table", NO_LABEL), server.endpoint(), List.of());
    }

    @Override
    protected StreamSource unreachable() {
        return streams.open(server.streamArn("no-such-table", NO_LABEL), Loopback.nothingListens(), List.of());
    }

    @Override
    protected String missingShard() {
        return "shardId-00000001700000000000-00000000";
    }

    @Override
    protected String data(StreamRecord record) {
        return json(record).at("/dynamodb/NewImage/data/S").asText();
    }

    static JsonNode json(StreamRecord record) {
        try {
            return JSON.readTree(record.json().bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected String orderPattern() {
        return "{\"dynamodb\":{\"NewImage\":{\"data\":{\"S\":[{\"prefix\":\"{\\\"kind\\\":\\\"order\\\"\"}]}}}}";
    }
}
