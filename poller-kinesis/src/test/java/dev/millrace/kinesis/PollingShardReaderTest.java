package dev.millrace.kinesis;

import static dev.millrace.kinesis.ScriptedKinesis.record;
import static dev.millrace.kinesis.ScriptedKinesis.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.aws.stream.PollingShardReader;
import dev.millrace.filter.RecordFilter;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Iterators and positions, against a client that answers as told. */
class PollingShardReaderTest {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final String SHARD = "shardId-000000000000";

    private final ScriptedKinesis kinesis = new ScriptedKinesis();
    private final KinesisCalls calls = kinesis.calls();
    private final AtomicLong clock = new AtomicLong();
    private final PollingShardReader reader = new KinesisShard(
                    calls,
                    SHARD,
                    new ShardRecords(
                            KinesisRecordJson.of(ScriptedKinesis.AWS.source(), "us-east-2", "role")
                                    .forShard(SHARD),
                            RecordFilter.NONE,
                            Keying.WHOLE))
            .reader(clock::get);

    private static ReadPosition after(String number) {
        return new ReadPosition.After(SequenceNumber.of(number));
    }

    @Test
    void oneIteratorLeadsToTheNext() throws Exception {
        kinesis.answer(records(record("1").build()).nextShardIterator("two").build())
                .answer(records().nextShardIterator("three").build())
                .answer(records(record("2").build()).build());

        reader.read(OLDEST, 10);
        reader.read(after("1"), 20);
        reader.read(after("1"), 30);

        assertThat(kinesis.iterators).hasSize(1);
        assertThat(kinesis.reads)
                .extracting(GetRecordsRequest::shardIterator)
                .containsExactly("iterator-1", "two", "three");
        assertThat(kinesis.reads).extracting(GetRecordsRequest::limit).containsExactly(10, 20, 30);
    }

    @Test
    void whatLayReadyIsAsOldAsItsAnswer() throws Exception {
        kinesis.answer(records(record("1").build(), record("2").build()).build());
        assertThat(reader.read(OLDEST, 1).age()).isZero();

        clock.addAndGet(Duration.ofHours(1).toNanos());

        assertThat(reader.read(after("1"), 1).age()).isEqualTo(Duration.ofHours(1));
    }

    /** AWS's own endpoints get ARNs, which work for streams of other accounts too. */
    @Test
    void callsNameTheStreamByItsArn() throws Exception {
        kinesis.answer(records().build());

        reader.read(after("17"), 10);

        assertThat(kinesis.reads.getFirst().streamARN())
                .isEqualTo(ScriptedKinesis.AWS.stream().toString());
        GetShardIteratorRequest iterator = kinesis.iterators.getFirst();
        assertThat(iterator.streamARN()).isEqualTo(ScriptedKinesis.AWS.stream().toString());
        assertThat(iterator.streamName()).isNull();
        assertThat(iterator.shardId()).isEqualTo(SHARD);
        assertThat(iterator.shardIteratorType()).isEqualTo(ShardIteratorType.AFTER_SEQUENCE_NUMBER);
        assertThat(iterator.startingSequenceNumber()).isEqualTo("17");
    }

    @Test
    void anOldIteratorIsNotUsed() throws Exception {
        kinesis.answer(records(record("1").build()).build())
                .answer(records().build())
                .answer(records().build());
        reader.read(OLDEST, 10);
        clock.addAndGet(Duration.ofMinutes(4).toNanos());
        reader.read(after("1"), 10);
        clock.addAndGet(Duration.ofMinutes(5).toNanos());
        reader.read(after("1"), 10);

        assertThat(kinesis.reads)
                .extracting(GetRecordsRequest::shardIterator)
                .containsExactly("iterator-1", "next", "iterator-2");
        assertThat(kinesis.iterators.get(1).startingSequenceNumber()).isEqualTo("1");
    }

    @Test
    void aThrottledReadKeepsItsIterator() throws Exception {
        kinesis.fail(ProvisionedThroughputExceededException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("ProvisionedThroughputExceededException")
                                .errorMessage("slow down")
                                .build())
                        .build())
                .answer(records().build());

        assertThat(problem(OLDEST).problem().kind()).isEqualTo(Kind.THROTTLED);
        reader.read(OLDEST, 10);

        assertThat(kinesis.iterators).hasSize(1);
    }

    @Test
    void anyOtherFailureStartsAnew() throws Exception {
        kinesis.answer(records(record("1").build()).build())
                .fail(new UncheckedIOException(new IOException("cut")))
                .answer(records().build());
        reader.read(OLDEST, 10);

        assertThat(problem(after("1")).problem().kind()).isEqualTo(Kind.UNAVAILABLE);
        reader.read(after("1"), 10);

        assertThat(kinesis.iterators)
                .extracting(GetShardIteratorRequest::startingSequenceNumber)
                .containsExactly(null, "1");
    }

    static List<Record> strangeRecords() {
        return List.of(
                record("1").sequenceNumber(null).build(),
                record("not a number").build(),
                record("1").partitionKey(null).build(),
                record("1").data(null).build(),
                record("1").approximateArrivalTimestamp(null).build());
    }

    @ParameterizedTest
    @MethodSource("strangeRecords")
    void aStrangeRecordIsAProblemAndNoCrash(Record strange) throws Exception {
        kinesis.answer(records(record("0").build(), strange).build())
                .answer(records(record("1").build()).build());

        SourceException e = problem(OLDEST);

        assertThat(e.problem().kind()).isEqualTo(Kind.REJECTED);
        assertThat(e.problem().message()).contains("record " + strange.sequenceNumber() + " cannot be read");
        assertThat(reader.read(OLDEST, 10).records()).hasSize(1);
        assertThat(kinesis.iterators).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("strangeRecords")
    void aStrangeFirstRecordIsAProblemToo(Record strange) {
        kinesis.answer(records(strange).build());

        assertThat(problem(OLDEST).problem().kind()).isEqualTo(Kind.REJECTED);
    }

    @Test
    void whatTheSdkCannotParseIsAProblem() {
        kinesis.fail(new IllegalStateException("strange"));

        assertThat(problem(OLDEST).problem().message()).contains("IllegalStateException: strange");
    }

    @Test
    void nothingThatIsNotAfterThePositionIsHandedOut() throws Exception {
        kinesis.answer(records(
                        record("9").build(),
                        record("10").build(),
                        record("11").build(),
                        record("12").build())
                .build());

        ShardRead read = reader.read(after("10"), 10);

        assertThat(read.records())
                .extracting(StreamRecord::sequenceNumber)
                .containsExactly(SequenceNumber.of("11"), SequenceNumber.of("12"));
    }

    /** Real Kinesis gives an iterator for such a place, and then empty reads for many minutes. */
    @Test
    void aPlaceOlderThanTheRetentionIsLeftForTheOldestRecord() throws Exception {
        calls.describe();
        kinesis.answer(records().millisBehindLatest(86_400_000L).build())
                .answer(records().millisBehindLatest(86_400_000L).build())
                .answer(records(record("5").build(), record("8").build()).build());

        assertThat(reader.read(after("7"), 10).records()).isEmpty();
        assertThat(reader.read(after("7"), 10).records()).isEmpty();
        ShardRead read = reader.read(after("7"), 10);

        assertThat(kinesis.iterators)
                .extracting(GetShardIteratorRequest::shardIteratorType)
                .containsExactly(ShardIteratorType.AFTER_SEQUENCE_NUMBER, ShardIteratorType.TRIM_HORIZON);
        assertThat(read.records()).extracting(StreamRecord::sequenceNumber).containsExactly(SequenceNumber.of("8"));
    }

    @Test
    void aPlaceWithinTheRetentionIsKept() throws Exception {
        kinesis.retentionHours = 168;
        calls.describe();
        kinesis.answer(records().millisBehindLatest(86_400_000L).build())
                .answer(records().millisBehindLatest(86_400_000L).build());

        assertThat(reader.read(after("7"), 10).behindLatest()).isEqualTo(Duration.ofHours(24));
        reader.read(after("7"), 10);

        assertThat(kinesis.iterators).hasSize(1);
    }

    @Test
    void theEndWithoutNamedChildrenIsAnEnd() throws Exception {
        kinesis.answer(records(record("1").build()).nextShardIterator(null).build());

        ShardRead read = reader.read(OLDEST, 10);

        assertThat(read.records()).hasSize(1);
        assertThat(read.children()).isEmpty();
        assertThat(read.atEnd()).isTrue();
    }

    @Test
    void aServerThatDoesNotSayHowFarBehindItIsIsFine() throws Exception {
        kinesis.answer(records().millisBehindLatest(null).build());

        assertThat(reader.read(OLDEST, 10).behindLatest()).isNull();
    }

    private SourceException problem(ReadPosition from) {
        return catchThrowableOfType(SourceException.class, () -> reader.read(from, 10));
    }
}
