package dev.millrace.dynamodb;

import static dev.millrace.dynamodb.ScriptedStreams.NOW;
import static dev.millrace.dynamodb.ScriptedStreams.SHARD;
import static dev.millrace.dynamodb.ScriptedStreams.change;
import static dev.millrace.dynamodb.ScriptedStreams.failure;
import static dev.millrace.dynamodb.ScriptedStreams.record;
import static dev.millrace.dynamodb.ScriptedStreams.records;
import static dev.millrace.dynamodb.ScriptedStreams.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.aws.stream.PollingShardReader;
import dev.millrace.filter.RecordFilter;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsRequest;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ShardFilterType;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;

/** Reading a shard, against a client that answers as told. */
class DynamoDbShardTest {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ScriptedStreams streams = new ScriptedStreams();
    private final AtomicLong nanos = new AtomicLong();
    private final PollingShardReader reader = reader(SECOND);

    private PollingShardReader reader(Duration rounding) {
        return reader(rounding, false);
    }

    private PollingShardReader reader(Duration rounding, boolean closed) {
        return new DynamoDbShard(
                        new DynamoDbCalls(streams, ScriptedStreams.AWS),
                        SHARD,
                        () -> closed,
                        new ChangeRecords("us-east-2", RecordFilter.NONE),
                        rounding,
                        () -> NOW)
                .reader(nanos::get);
    }

    private static ReadPosition after(int number) {
        return new ReadPosition.After(SequenceNumber.of(String.valueOf(number)));
    }

    private static ReadPosition at(Instant time) {
        return new ReadPosition.AtTimestamp(time);
    }

    private static List<Integer> numbers(ShardRead read) {
        return read.records().stream()
                .map(record -> Integer.valueOf(record.sequenceNumber().digits()))
                .toList();
    }

    private static Record[] many(int count, Instant created) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> record(number, created))
                .toArray(Record[]::new);
    }

    // ---- iterators ----

    @Test
    void oneIteratorLeadsToTheNext() throws Exception {
        streams.answer(records(record(1)).nextShardIterator("two"))
                .answer(records().nextShardIterator("three"))
                .answer(records(record(2)));

        reader.read(OLDEST, 10);
        reader.read(after(1), 20);
        reader.read(after(1), 30);

        assertThat(streams.iterators).hasSize(1);
        assertThat(streams.reads)
                .extracting(GetRecordsRequest::shardIterator)
                .containsExactly("iterator-1", "two", "three");
        assertThat(streams.reads).extracting(GetRecordsRequest::limit).containsExactly(10, 20, 30);
    }

    @Test
    void aPositionIsAskedForByItsNumber() throws Exception {
        streams.answer(records());

        reader.read(after(17), 10_000);

        GetShardIteratorRequest iterator = streams.iterators.getFirst();
        assertThat(iterator.streamArn()).isEqualTo(ScriptedStreams.AWS.source().toString());
        assertThat(iterator.shardId()).isEqualTo(SHARD);
        assertThat(iterator.shardIteratorType()).isEqualTo(ShardIteratorType.AFTER_SEQUENCE_NUMBER);
        assertThat(iterator.sequenceNumber()).isEqualTo("17");
        assertThat(streams.reads.getFirst().limit()).as("DynamoDB's own limit").isEqualTo(1_000);
    }

    @Test
    void anIteratorIsUsedForAlmostItsFifteenMinutes() throws Exception {
        streams.answer(records(record(1))).answer(records()).answer(records());
        reader.read(OLDEST, 10);
        nanos.addAndGet(Duration.ofMinutes(14).toNanos());
        reader.read(after(1), 10);
        nanos.addAndGet(Duration.ofMinutes(15).toNanos());
        reader.read(after(1), 10);

        assertThat(streams.reads)
                .extracting(GetRecordsRequest::shardIterator)
                .containsExactly("iterator-1", "next", "iterator-2");
        assertThat(streams.iterators.get(1).sequenceNumber()).isEqualTo("1");
    }

    @Test
    void nothingThatIsNotAfterThePositionIsHandedOut() throws Exception {
        streams.answer(records(record(9), record(10), record(11)));

        assertThat(numbers(reader.read(after(10), 10))).containsExactly(11);
    }

    // ---- from a time on ----

    @Test
    void aTimeIsReadFromTheOldestRecordOn() throws Exception {
        streams.answer(records(record(1, NOW.minusSeconds(3)), record(2, NOW.minusSeconds(2))))
                .answer(records(record(3, NOW.minusSeconds(1)), record(4, NOW), record(5, NOW)));

        ShardRead first = reader.read(at(NOW), 10);
        ShardRead second = reader.read(at(NOW), 10);

        assertThat(first.records()).isEmpty();
        assertThat(numbers(second)).containsExactly(4, 5);
        assertThat(streams.iterators)
                .extracting(GetShardIteratorRequest::shardIteratorType)
                .containsExactly(ShardIteratorType.TRIM_HORIZON);
        assertThat(streams.reads).extracting(GetRecordsRequest::shardIterator).containsExactly("iterator-1", "next");
    }

    /** Times are approximate: what comes behind the first wanted record is wanted, whatever its time. */
    @Test
    void nothingBehindTheFirstRecordOfTheTimeIsLeftOut() throws Exception {
        streams.answer(records(record(1, NOW.minusSeconds(2)), record(2, NOW), record(3, NOW.minusSeconds(1))));

        assertThat(numbers(reader.read(at(NOW), 10))).containsExactly(2, 3);
    }

    @Test
    void leavingOutGoesOnAtTheBusyPace() throws Exception {
        streams.answer(records(record(1, NOW.minusSeconds(90))))
                .answer(records(record(2, NOW.minusMillis(1))))
                .answer(records());

        assertThat(reader.read(at(NOW), 10).behindLatest()).isEqualTo(Duration.ofSeconds(90));
        assertThat(reader.read(at(NOW), 10).behindLatest()).isEqualTo(Duration.ofMillis(1));
        assertThat(reader.read(at(NOW), 10).behindLatest()).as("the tip").isZero();
    }

    @Test
    void leavingOutBeginsAnewWithAnotherReader() throws Exception {
        streams.answer(records(record(1, NOW.minusSeconds(3))))
                .answer(records(record(1, NOW.minusSeconds(3)), record(2, NOW)));
        reader.read(at(NOW), 10);

        assertThat(numbers(reader(SECOND).read(at(NOW), 10))).containsExactly(2);
        assertThat(streams.iterators).hasSize(2);
    }

    // ---- how far behind ----

    @Test
    void anEmptyAnswerIsAtTheTip() throws Exception {
        streams.answer(records());

        assertThat(reader.read(after(1), 10).behindLatest()).isZero();
    }

    /** Its end is yet to come, and records may come before it. */
    @Test
    void anEmptyAnswerOfAClosedShardIsOnTheWay() throws Exception {
        Duration day = Duration.ofHours(24);
        streams.answer(records())
                .answer(records(record(1, NOW.minusSeconds(90))))
                .answer(records())
                .answer(records())
                .answer(records().nextShardIterator(null));
        PollingShardReader reader = reader(SECOND, true);

        assertThat(reader.read(OLDEST, 10).behindLatest()).as("nobody knows").isGreaterThan(day);
        assertThat(reader.read(OLDEST, 10).behindLatest()).isEqualTo(Duration.ofSeconds(90));
        assertThat(reader.read(after(1), 10).behindLatest()).isEqualTo(Duration.ofSeconds(90));
        assertThat(reader.read(after(7), 10).behindLatest()).as("elsewhere").isGreaterThan(day);
        assertThat(reader.read(after(7), 10).behindLatest()).as("the end").isZero();
    }

    @Test
    void anEmptyAnswerOfAClosedShardIsNotBeforeTheTimeThatWasAskedFor() throws Exception {
        streams.answer(records()).answer(records());
        PollingShardReader reader = reader(SECOND, true);

        assertThat(reader.read(at(NOW.minusSeconds(5)), 10).behindLatest()).isEqualTo(Duration.ofSeconds(5));
        assertThat(reader.read(at(NOW), 10).behindLatest()).isEqualTo(Duration.ofMillis(1));
    }

    /** Or a few changes a second would be asked for all the time. */
    @ParameterizedTest
    @CsvSource({"1, 0, 0", "1, 2, 0", "1, 3, 3", "1, 86000, 86000", "60, 61, 0", "60, 62, 62", "1, -5, 0"})
    void recordsAreAtTheTipUnlessTheyAreOld(long rounding, long age, long behind) throws Exception {
        streams.answer(records(record(1, NOW.minusSeconds(86_300)), record(2, NOW.minusSeconds(age))));

        assertThat(reader(Duration.ofSeconds(rounding)).read(OLDEST, 10).behindLatest())
                .isEqualTo(Duration.ofSeconds(behind));
    }

    @Test
    void aFullAnswerIsNotAtTheTip() throws Exception {
        streams.answer(records(many(3, NOW))).answer(records(many(1_000, NOW.minusSeconds(1))));

        assertThat(reader.read(OLDEST, 3).behindLatest()).isEqualTo(Duration.ofMillis(1));
        assertThat(reader(SECOND).read(OLDEST, 10_000).behindLatest()).isEqualTo(SECOND);
    }

    // ---- the end ----

    @Test
    void theEndNamesTheChildren() throws Exception {
        streams.answer(records(record(1)).nextShardIterator(null));
        streams.describe = _ -> StreamDescription.builder()
                .shards(
                        shard("shardId-child").parentShardId(SHARD).build(),
                        shard("shardId-other").parentShardId("shardId-else").build())
                .build();

        ShardRead end = reader.read(OLDEST, 10);

        assertThat(numbers(end)).containsExactly(1);
        assertThat(end.children()).containsExactly(new StreamShard("shardId-child", List.of(SHARD), false));
        assertThat(streams.descriptions).singleElement().satisfies(request -> {
            assertThat(request.shardFilter().type()).isEqualTo(ShardFilterType.CHILD_SHARDS);
            assertThat(request.shardFilter().shardId()).isEqualTo(SHARD);
        });
    }

    /** DynamoDB Local answers so. */
    @Test
    void aShardIsNotItsOwnChild() throws Exception {
        streams.answer(records().nextShardIterator(null));
        streams.describe =
                _ -> StreamDescription.builder().shards(shard(SHARD).build()).build();

        assertThat(reader.read(OLDEST, 10).children()).isEmpty();
    }

    @Test
    void theEndIsAnEndAlsoWhereNobodyNamesTheChildren() throws Exception {
        streams.answer(records(record(1)).nextShardIterator(null));
        streams.describe = _ -> {
            throw failure(400, "LimitExceededException", "Rate exceeded");
        };

        ShardRead end = reader.read(OLDEST, 10);

        assertThat(numbers(end)).containsExactly(1);
        assertThat(end.children()).isEmpty();
    }

    @Test
    void theStreamIsNotDescribedWhileAShardGoesOn() throws Exception {
        streams.answer(records(record(1))).answer(records());

        reader.read(OLDEST, 10);
        reader.read(after(1), 10);

        assertThat(streams.descriptions).isEmpty();
    }

    // ---- failures ----

    @ParameterizedTest
    @CsvSource({
        "400, ExpiredIteratorException, EXPIRED_ITERATOR",
        "400, TrimmedDataAccessException, TRIMMED",
        "400, ResourceNotFoundException, NOT_FOUND",
        "400, LimitExceededException, THROTTLED",
        "400, ThrottlingException, THROTTLED",
        "500, InternalServerError, UNAVAILABLE",
        "400, AccessDeniedException, ACCESS_DENIED",
        "400, UnrecognizedClientException, ACCESS_DENIED",
        "400, ValidationException, REJECTED",
    })
    void failuresAreToldByTheirCodes(int status, String code, Kind kind) {
        streams.fail(failure(status, code, "it says why"));

        SourceProblem problem = problem(after(1));

        assertThat(problem.kind()).isEqualTo(kind);
        assertThat(problem.message())
                .startsWith(ScriptedStreams.AWS.source() + ": ")
                .contains(code)
                .contains("it says why");
    }

    @Test
    void deniedAccessNamesTheRights() {
        streams.fail(failure(400, "AccessDeniedException", "User is not authorized to perform: dynamodb:GetRecords"));

        assertThat(problem(after(1)).message())
                .contains("The credentials need dynamodb:GetRecords;")
                .contains("dynamodb:DescribeStream, dynamodb:GetShardIterator, dynamodb:GetRecords")
                .doesNotContain("dynamodb:ListStreams");
    }

    /** DynamoDB Local says so of an iterator of an earlier run. */
    @Test
    void anIteratorThatTheServerDoesNotKnowHasExpired() throws Exception {
        streams.fail(failure(400, "ValidationException", "Invalid ShardIterator"))
                .answer(records(record(2)));

        assertThat(problem(after(1)).kind()).isEqualTo(Kind.EXPIRED_ITERATOR);
        assertThat(numbers(reader.read(after(1), 10))).containsExactly(2);
        assertThat(streams.iterators).hasSize(2);
    }

    @Test
    void aPositionThatIsTrimmedIsToldAtOnce() {
        streams.fail(failure(400, "TrimmedDataAccessException", "The stream record is trimmed"));

        assertThat(problem(after(1)).message())
                .contains("no longer has the records")
                .contains("24 hours");
        assertThat(streams.iterators).hasSize(1);
    }

    static List<ReadPosition> positionsWithoutARecord() {
        return List.of(OLDEST, at(NOW));
    }

    /**
     * The oldest record may be dropped between both calls; and DynamoDB Local says this of an iterator that was taken while the
     * shard was empty. It is not a gap, and no reason to begin LATEST at the oldest record.
     */
    @ParameterizedTest
    @MethodSource("positionsWithoutARecord")
    void aPlaceThatIsTrimmedIsNotTakenForALostRecord(ReadPosition from) throws Exception {
        RuntimeException trimmed = failure(400, "TrimmedDataAccessException", "The stream record is trimmed");
        streams.answer(records()).fail(trimmed).fail(trimmed).answer(records(record(5)));
        reader.read(from, 10);

        assertThat(problem(from).kind()).isEqualTo(Kind.EXPIRED_ITERATOR);
        assertThat(streams.reads).as("the caller decides when to ask again").hasSize(2);
        assertThat(problem(from).message())
                .contains("The stream record is trimmed")
                .endsWith("The oldest record is asked for again.");
        assertThat(numbers(reader.read(from, 10))).containsExactly(5);
        assertThat(streams.iterators)
                .hasSize(3)
                .allMatch(iterator -> iterator.shardIteratorType() == ShardIteratorType.TRIM_HORIZON);
    }

    @Test
    void aThrottledReadKeepsItsIterator() throws Exception {
        streams.fail(failure(400, "ThrottlingException", "Rate exceeded")).answer(records());

        assertThat(problem(OLDEST).kind()).isEqualTo(Kind.THROTTLED);
        reader.read(OLDEST, 10);

        assertThat(streams.iterators).hasSize(1);
    }

    @Test
    void anyOtherFailureStartsAnew() throws Exception {
        streams.answer(records(record(1)))
                .fail(new UncheckedIOException(new IOException("cut")))
                .answer(records());
        reader.read(OLDEST, 10);

        assertThat(problem(after(1)).kind()).isEqualTo(Kind.UNAVAILABLE);
        reader.read(after(1), 10);

        assertThat(streams.iterators)
                .extracting(GetShardIteratorRequest::sequenceNumber)
                .containsExactly(null, "1");
    }

    static List<Record> strangeRecords() {
        return List.of(
                record(change(1).sequenceNumber(null)).build(),
                record(change(1).sequenceNumber("not a number")).build(),
                record(change(1).keys(null)).build(),
                record(change(1).approximateCreationDateTime(null)).build(),
                record(change(1)).eventID(null).build(),
                record(change(1)).eventName((String) null).build(),
                record(change(1))
                        .dynamodb((software.amazon.awssdk.services.dynamodb.model.StreamRecord) null)
                        .build());
    }

    @ParameterizedTest
    @MethodSource("strangeRecords")
    void aStrangeRecordIsAProblemAndNoCrash(Record strange) throws Exception {
        streams.answer(records(record(0), strange)).answer(records(record(1)));

        SourceProblem problem = problem(OLDEST);

        assertThat(problem.kind()).isEqualTo(Kind.REJECTED);
        assertThat(problem.message()).contains("record " + strange.eventID() + " cannot be read");
        assertThat(reader.read(OLDEST, 10).records()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("strangeRecords")
    void aStrangeFirstRecordIsAProblemToo(Record strange) {
        streams.answer(records(strange));

        assertThat(problem(after(0)).kind()).isEqualTo(Kind.REJECTED);
    }

    @Test
    void theTimeAndTheKeyAreTheItems() throws Exception {
        streams.answer(records(record(1)));

        StreamRecord read = reader.read(OLDEST, 10).records().getFirst();

        assertThat(read.arrival()).isEqualTo(NOW);
        assertThat(read.key()).isEqualTo("{\"id\":{\"N\":\"101\"}}");
        assertThat(read.matched()).isTrue();
    }

    private SourceProblem problem(ReadPosition from) {
        return catchThrowableOfType(SourceException.class, () -> reader.read(from, 10))
                .problem();
    }
}
