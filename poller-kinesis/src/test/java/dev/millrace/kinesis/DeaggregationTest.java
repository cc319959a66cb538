package dev.millrace.kinesis;

import static dev.millrace.kinesis.KinesisStreamContract.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.kinesis.AggregatedRecordTest.Aggregates;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.StreamRecord;
import dev.millrace.testkit.kinesis.KinesisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Aggregated records: passed through, or unpacked and resumed in their middle. */
@SuppressWarnings("NullAway.Init") // JUnit sets the fixture before any test
class DeaggregationTest {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final String SHARD = "shardId-000000000000";

    private final KinesisServer server = KinesisServer.start();
    private final KinesisStreams streams = new KinesisStreams(server.endpoint());
    private String name;

    @BeforeEach
    void fill() {
        name = streams.create(1);
        put("k", "before");
        streams.put(name, "aggregate", Aggregates.of("packed", List.of("one", "two", "three")));
        put("k", "between");
        streams.put(name, "aggregate", Aggregates.of("packed", List.of("four")));
        put("k", "after");
    }

    @AfterEach
    void close() {
        streams.close();
        server.close();
    }

    private void put(String key, String data) {
        streams.put(name, key, data.getBytes(StandardCharsets.UTF_8));
    }

    private ShardReader reader(boolean deaggregate) {
        URI endpoint = server.endpoint();
        return streams.open(KinesisStreams.arn(name), List.of(), endpoint, deaggregate)
                .open(SHARD);
    }

    @Test
    void withoutTheOptionAggregatesPassThroughUntouched() throws Exception {
        ShardRead read = reader(false).read(OLDEST, 100);

        assertThat(read.records()).hasSize(5).allSatisfy(record -> {
            assertThat(record.sequenceNumber().sub()).isZero();
        });
        assertThat(json(read.records().get(1)).path("kinesis").path("data").binaryValue())
                .isEqualTo(Aggregates.of("packed", List.of("one", "two", "three")));
    }

    @Test
    void subRecordsComeInPlaceOfTheirAggregate() throws Exception {
        List<StreamRecord> records = reader(true).read(OLDEST, 100).records();

        assertThat(records)
                .extracting(DeaggregationTest::data)
                .containsExactly("before", "one", "two", "three", "between", "four", "after");
        assertThat(records)
                .extracting(StreamRecord::key)
                .containsExactly("k", "packed", "packed", "packed", "k", "packed", "k");
        assertThat(records).extracting(record -> record.sequenceNumber().sub()).containsExactly(0, 1, 2, 3, 0, 1, 0);
        assertThat(records).isSortedAccordingTo((a, b) -> a.sequenceNumber().compareTo(b.sequenceNumber()));
        SequenceNumber aggregate = records.get(1).sequenceNumber();
        assertThat(json(records.get(3)).path("kinesis").path("sequenceNumber").asText())
                .isEqualTo(aggregate.digits());
        assertThat(json(records.get(3)).path("kinesis").path("partitionKey").asText())
                .isEqualTo("packed");
    }

    @Test
    void fanOutUnpacksAsAwsDoes() throws Exception {
        ShardReader reader = streams.open(streams.consumer(name), List.of()).open(SHARD);

        List<StreamRecord> records = new ArrayList<>();
        while (records.size() < 7) {
            records.addAll(reader.read(position(records), 2).records());
        }

        assertThat(records)
                .extracting(DeaggregationTest::data)
                .containsExactly("before", "one", "two", "three", "between", "four", "after");
        reader.close();
    }

    /** What is stored of lanes holds for the keys that records had. */
    @Test
    void tellsByWhichKeysRecordsCome() {
        String arn = KinesisStreams.arn(name);
        String consumer = streams.consumer(name);

        assertThat(streams.open(arn, List.of(), server.endpoint(), false).keying())
                .isEqualTo(Keying.WHOLE);
        assertThat(streams.open(arn, List.of(), server.endpoint(), true).keying())
                .isEqualTo(Keying.UNPACKED);
        assertThat(streams.open(consumer, List.of()).keying()).isEqualTo(Keying.UNPACKED);
    }

    @Test
    void readingGoesOnInsideAnAggregate() throws Exception {
        List<StreamRecord> all = reader(true).read(OLDEST, 100).records();

        for (int i = 0; i < all.size(); i++) {
            ReadPosition from = new ReadPosition.After(
                    SequenceNumber.of(all.get(i).sequenceNumber().toString()));
            assertThat(reader(true).read(from, 100).records())
                    .as("after " + data(all.get(i)))
                    .extracting(StreamRecord::sequenceNumber)
                    .isEqualTo(all.subList(i + 1, all.size()).stream()
                            .map(StreamRecord::sequenceNumber)
                            .toList());
        }
    }

    @Test
    void anAggregateThatWasBegunIsEndedAfterTheOptionIsGone() throws Exception {
        StreamRecord one = reader(true).read(OLDEST, 100).records().get(1);

        List<StreamRecord> records = reader(false)
                .read(new ReadPosition.After(one.sequenceNumber()), 100)
                .records();

        assertThat(records).hasSize(5);
        assertThat(records.subList(0, 3))
                .extracting(DeaggregationTest::data)
                .containsExactly("two", "three", "between");
        assertThat(records.get(3).sequenceNumber().sub())
                .as("a whole aggregate")
                .isZero();
    }

    @Test
    void aWholeAggregateThatIsDoneStaysDoneWhenTheOptionComes() throws Exception {
        StreamRecord whole = reader(false).read(OLDEST, 100).records().get(1);

        assertThat(reader(true)
                        .read(new ReadPosition.After(whole.sequenceNumber()), 100)
                        .records())
                .extracting(DeaggregationTest::data)
                .containsExactly("between", "four", "after");
    }

    @Test
    void theMaximumHoldsForSubRecordsToo() throws Exception {
        ShardReader reader = reader(true);
        List<StreamRecord> records = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ShardRead read = reader.read(position(records), 2);
            assertThat(read.records()).hasSizeLessThanOrEqualTo(2);
            if (i == 0) {
                assertThat(read.behindLatest()).as("more is at hand").isPositive();
            }
            records.addAll(read.records());
        }

        assertThat(records)
                .extracting(DeaggregationTest::data)
                .containsExactly("before", "one", "two", "three", "between", "four", "after");
        assertThat(reader.read(position(records), 2).behindLatest()).isEqualTo(Duration.ZERO);
    }

    @Test
    void whatIsHeldBackIsForgottenWhenReadingGoesBack() throws Exception {
        ShardReader reader = reader(true);
        List<StreamRecord> first = reader.read(OLDEST, 2).records();

        assertThat(reader.read(OLDEST, 1).records())
                .extracting(DeaggregationTest::data)
                .containsExactly("before");
        assertThat(reader.read(new ReadPosition.After(first.get(1).sequenceNumber()), 100)
                        .records())
                .extracting(DeaggregationTest::data)
                .startsWith("two", "three");
    }

    private static ReadPosition position(List<StreamRecord> read) {
        return read.isEmpty() ? OLDEST : new ReadPosition.After(read.getLast().sequenceNumber());
    }

    private static String data(StreamRecord record) {
        try {
            return new String(json(record).path("kinesis").path("data").binaryValue(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
