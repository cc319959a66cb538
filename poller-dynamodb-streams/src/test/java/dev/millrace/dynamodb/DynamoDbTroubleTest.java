package dev.millrace.dynamodb;

import static dev.millrace.testkit.dynamodb.DynamoDbCalls.DESCRIBE;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.EVERYTHING;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.GET_ITERATOR;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.GET_RECORDS;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.LIST_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.FaultyReading;
import dev.millrace.testkit.dynamodb.DynamoDbFault;
import dev.millrace.testkit.dynamodb.DynamoDbStreamsServer;
import dev.millrace.testkit.dynamodb.FaultyTable;
import dev.millrace.testkit.dynamodb.TableShape;
import dev.millrace.testkit.dynamodb.model.StoredChange;
import dev.millrace.testkit.service.Fault;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What goes wrong with calls, and that reading goes on at the same record afterwards. */
class DynamoDbTroubleTest {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();

    private final DynamoDbStreamsServer server = DynamoDbStreamsServer.start();
    private final TableStreams streams = new TableStreams();
    private final FaultyTable table = server.table(TableShape.simple());
    private final StreamSource source = streams.open(table.streamArn(), server.endpoint(), List.of());
    private final String shardId = table.openShards().getFirst();
    private final ShardReader reader = source.open(shardId);

    @AfterEach
    void close() {
        streams.close();
        server.close();
    }

    /** A call that fails. */
    @FunctionalInterface
    private interface Call {
        void run() throws SourceException, InterruptedException;
    }

    private static SourceProblem problem(Call call) {
        return catchThrowableOfType(SourceException.class, call::run).problem();
    }

    private static ReadPosition after(StreamRecord record) {
        return new ReadPosition.After(record.sequenceNumber());
    }

    private void put(int count) {
        for (int i = 0; i < count; i++) {
            table.put("k", "data", "data-" + i);
        }
    }

    @Test
    void deniedAccessNamesTheRightThatIsMissing() {
        StreamSource latest = streams.open(
                table.streamArn().replaceAll("/stream/.*", "/stream/latest"), server.endpoint(), List.of());
        server.faults().at(EVERYTHING).always(DynamoDbFault.accessDenied());

        assertThat(problem(source::describe).message()).contains("need dynamodb:DescribeStream;");
        assertThat(problem(source::shards).message()).contains("need dynamodb:DescribeStream;");
        assertThat(problem(latest::describe).message())
                .contains("need dynamodb:ListStreams;")
                .contains("needs: dynamodb:ListStreams, dynamodb:DescribeStream");
        assertThat(problem(() -> reader.read(OLDEST, 10)).message()).contains("need dynamodb:GetShardIterator;");
        server.faults().heal();
        server.faults().at(GET_RECORDS).always(DynamoDbFault.accessDenied());
        assertThat(problem(() -> reader.read(OLDEST, 10)).message()).contains("need dynamodb:GetRecords;");
    }

    @Test
    void callsForTheStreamFailLikeReads() {
        server.faults()
                .at(DESCRIBE)
                .next(
                        DynamoDbFault.limitExceeded(),
                        DynamoDbFault.internalServerError(),
                        DynamoDbFault.throttled(),
                        new Fault.Disconnected(),
                        DynamoDbFault.notFound());

        assertThat(problem(source::describe).kind()).isEqualTo(Kind.THROTTLED);
        assertThat(problem(source::describe).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(problem(source::shards).kind()).isEqualTo(Kind.THROTTLED);
        assertThat(problem(source::shards).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(problem(source::shards).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(server.calls().count(DESCRIBE)).as("nothing is retried").isEqualTo(5);
    }

    static List<Fault> faults() {
        return List.of(
                new Fault.Disconnected(),
                new Fault.AnswerLost(),
                new Fault.AnswerCut(),
                DynamoDbFault.throttled(),
                DynamoDbFault.limitExceeded(),
                DynamoDbFault.internalServerError(),
                DynamoDbFault.unavailable(),
                DynamoDbFault.expiredIterator(),
                DynamoDbFault.invalidIterator(),
                DynamoDbFault.accessDenied());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void readingGoesOnAtTheSameRecordAfterAFault(Fault fault) throws Exception {
        put(20);
        server.faults().at(GET_RECORDS).after(1).next(fault, fault);
        server.faults().at(GET_ITERATOR).after(1).next(fault);

        assertThat(FaultyReading.through(reader, 20))
                .isEqualTo(table.records(shardId).stream()
                        .map(StoredChange::sequenceNumber)
                        .toList());
    }

    @Test
    void emptyReadsOnTheWayArePassedByTheirIterators() throws Exception {
        put(1);
        server.faults().at(GET_RECORDS).next(new Fault.EmptyRead(), new Fault.EmptyRead());

        assertThat(reader.read(OLDEST, 10).records()).isEmpty();
        assertThat(reader.read(OLDEST, 10).records()).isEmpty();
        assertThat(reader.read(OLDEST, 10).records()).hasSize(1);

        assertThat(server.calls().count(GET_ITERATOR)).isEqualTo(1);
    }

    @Test
    void emptyReadsOfAShardThatIsListedAsClosedAreNotAtTheTip() throws Exception {
        put(1);
        table.rollOver();
        source.shards();
        server.faults().at(GET_RECORDS).next(new Fault.EmptyRead());

        assertThat(reader.read(OLDEST, 10).behindLatest()).isGreaterThan(Duration.ofHours(24));
        ShardRead end = reader.read(OLDEST, 10);
        assertThat(end.records()).hasSize(1);
        assertThat(end.atEnd()).isTrue();
    }

    @Test
    void anInterruptEndsACallToAServerThatDoesNotAnswer() throws Exception {
        server.faults().at(GET_RECORDS).next(new Fault.Stalled());
        FaultyReading.endsByAnInterrupt(reader, () -> server.calls().await(GET_RECORDS, 1));

        put(1);
        assertThat(reader.read(OLDEST, 10).records()).as("the reader can go on").hasSize(1);
    }

    /** Else the shards of a large table could never be listed, since each try would begin at the first page. */
    @Test
    void aListingGoesOnAtThePageThatWasThrottled() throws Exception {
        server.configure(settings -> settings.withShardsInPage(1));
        table.rollOver();
        server.faults().at(DESCRIBE).after(1).next(DynamoDbFault.limitExceeded(), DynamoDbFault.limitExceeded());

        assertThat(problem(source::shards).kind()).isEqualTo(Kind.THROTTLED);
        assertThat(problem(source::shards).kind()).isEqualTo(Kind.THROTTLED);
        assertThat(source.shards()).extracting(StreamShard::shardId).hasSize(2).contains(shardId);
        assertThat(server.calls().count(DESCRIBE)).isEqualTo(4);

        server.faults().at(DESCRIBE).next(DynamoDbFault.limitExceeded());
        assertThat(problem(source::shards).kind()).as("of another listing").isEqualTo(Kind.THROTTLED);
    }

    // ---- trimmed ----

    @Test
    void aPositionThatIsTrimmedIsToldAndTheOldestRecordRead() throws Exception {
        put(5);
        List<StreamRecord> all = reader.read(OLDEST, 10).records();
        table.trim(shardId, all.get(2).sequenceNumber().digits());

        assertThat(problem(() -> reader.read(after(all.getFirst()), 10)).kind()).isEqualTo(Kind.TRIMMED);
        assertThat(reader.read(OLDEST, 10).records())
                .extracting(StreamRecord::sequenceNumber)
                .containsExactly(all.get(3).sequenceNumber(), all.get(4).sequenceNumber());
    }

    @Test
    void aRecordThatIsTrimmedWhileTheOldestIsAskedForIsNoProblem() throws Exception {
        put(5);
        String third = table.records(shardId).get(2).sequenceNumber();
        server.faults().at(GET_RECORDS).next(new Fault.Meanwhile(() -> table.trim(shardId, third)));

        assertThat(problem(() -> reader.read(OLDEST, 10)).kind()).isEqualTo(Kind.EXPIRED_ITERATOR);
        assertThat(reader.read(OLDEST, 10).records()).hasSize(2);
    }

    // ---- the end ----

    @Test
    void aSplitNamesBothChildren() throws Exception {
        put(1);
        List<String> children = table.split(shardId);

        ShardRead end = reader.read(OLDEST, 10);

        assertThat(end.children()).extracting(StreamShard::shardId).containsExactlyInAnyOrderElementsOf(children);
        assertThat(server.calls().count(DESCRIBE)).isEqualTo(1);
    }

    @Test
    void anEndThatComesAfterTheLastRecordsIsFound() throws Exception {
        server.configure(settings -> settings.withEndWithRecords(false));
        put(1);
        table.rollOver();

        ShardRead records = reader.read(OLDEST, 10);
        assertThat(records.records()).hasSize(1);
        assertThat(records.atEnd()).isFalse();

        assertThat(reader.read(after(records.records().getFirst()), 10).children())
                .hasSize(1);
    }

    @Test
    void aServerThatDoesNotFilterNamesTheChildrenAsFarAsTheyAreOnItsPage() throws Exception {
        server.configure(settings -> settings.withShardFilter(false));
        table.rollOver();

        assertThat(reader.read(OLDEST, 10).children())
                .allSatisfy(child -> assertThat(child.parents()).containsExactly(shardId));
    }

    @Test
    void aLongListOfShardsComesInPages() throws Exception {
        server.configure(settings -> settings.withShardsInPage(2));
        for (int i = 0; i < 6; i++) {
            table.rollOver();
        }

        assertThat(source.shards()).hasSize(7).extracting(StreamShard::shardId).doesNotHaveDuplicates();
        assertThat(source.shards()).filteredOn(shard -> !shard.closed()).hasSize(1);
    }

    // ---- from a time on ----

    /** More than one answer is left out, and the newest record of the time is found all the same. */
    @Test
    void aLongPastIsLeftOut() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        for (int i = 0; i < 2_500; i++) {
            table.put(item(i), now.minusSeconds(3_600));
        }
        table.put(item(2_500), now);

        int reads = 0;
        ShardRead read;
        do {
            read = reader.read(new ReadPosition.AtTimestamp(now), 10_000);
            reads++;
            assertThat(read.records().isEmpty()
                            && read.behindLatest() != null
                            && read.behindLatest().isZero())
                    .as("goes on at once")
                    .isFalse();
        } while (read.records().isEmpty());

        assertThat(reads).isEqualTo(3);
        assertThat(read.records())
                .singleElement()
                .satisfies(record -> assertThat(record.arrival()).isEqualTo(now));
        assertThat(server.calls().count(GET_ITERATOR)).isEqualTo(1);
    }

    private static Map<String, AttributeValue> item(int i) {
        return Map.of("id", AttributeValue.fromS("item-" + i));
    }

    // ---- events ----

    @Test
    void aDeleteByTimeToLiveIsTold() throws Exception {
        table.put(item(1));
        table.expire(item(1));
        table.put(item(2));
        table.delete(item(2));

        assertThat(reader.read(OLDEST, 10).records())
                .extracting(record -> record.json().text().contains("\"userIdentity\""))
                .containsExactly(false, true, false, false);
        assertThat(reader.read(OLDEST, 10).records().get(1).json().text())
                .contains("\"eventName\":\"REMOVE\"")
                .contains("},\"userIdentity\":{\"principalId\":\"dynamodb.amazonaws.com\",\"type\":\"Service\"},");
    }

    @Test
    void listingStreamsIsOnlyNeededForLatest() throws Exception {
        put(1);
        source.describe();
        source.shards();
        reader.read(OLDEST, 10);

        assertThat(server.calls().count(LIST_STREAMS)).isZero();
    }
}
