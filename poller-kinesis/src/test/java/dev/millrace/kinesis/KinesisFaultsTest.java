package dev.millrace.kinesis;

import static dev.millrace.testkit.kinesis.KinesisCalls.DESCRIBE;
import static dev.millrace.testkit.kinesis.KinesisCalls.EVERYTHING;
import static dev.millrace.testkit.kinesis.KinesisCalls.GET_ITERATOR;
import static dev.millrace.testkit.kinesis.KinesisCalls.GET_RECORDS;
import static dev.millrace.testkit.kinesis.KinesisCalls.LIST_SHARDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardReader;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.FaultyReading;
import dev.millrace.testkit.kinesis.KinesisFault;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.service.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong with calls, and that reading goes on at the same record afterwards. */
class KinesisFaultsTest {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final String SHARD = "shardId-000000000000";

    private final KinesisServer server = KinesisServer.start();
    private final KinesisStreams streams = new KinesisStreams(server.endpoint());
    private final TestStream stream = server.stream("orders", 1);
    private final StreamSource source = streams.open(stream.arn(), List.of());
    private final ShardReader reader = source.open(SHARD);

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

    @ParameterizedTest
    @CsvSource({
        "400, ResourceNotFoundException, NOT_FOUND",
        "400, AccessDeniedException, ACCESS_DENIED",
        "403, SomethingNobodyHasHeardOf, ACCESS_DENIED",
        "400, UnrecognizedClientException, ACCESS_DENIED",
        "400, ExpiredTokenException, ACCESS_DENIED",
        "400, IncompleteSignature, ACCESS_DENIED",
        "400, KMSAccessDeniedException, ACCESS_DENIED",
        "400, KMSDisabledException, ACCESS_DENIED",
        "400, KMSInvalidStateException, ACCESS_DENIED",
        "400, KMSNotFoundException, ACCESS_DENIED",
        "400, KMSOptInRequired, ACCESS_DENIED",
        "400, KMSThrottlingException, THROTTLED",
        "400, ProvisionedThroughputExceededException, THROTTLED",
        "400, LimitExceededException, THROTTLED",
        "400, ThrottlingException, THROTTLED",
        "429, TooManyRequestsException, THROTTLED",
        "400, ExpiredIteratorException, EXPIRED_ITERATOR",
        "400, ResourceInUseException, UNAVAILABLE",
        "500, InternalFailure, UNAVAILABLE",
        "503, ServiceUnavailable, UNAVAILABLE",
        "400, InvalidArgumentException, REJECTED",
        "400, ValidationException, REJECTED",
    })
    void everyErrorCodeHasAKind(int status, String code, Kind kind) {
        server.faults().at(GET_RECORDS).next(new Fault.Refused(status, code, "says the server"));

        SourceProblem problem = problem(() -> reader.read(OLDEST, 10));

        assertThat(problem.kind()).isEqualTo(kind);
        assertThat(problem.message())
                .startsWith(stream.arn() + ": ")
                .contains(code, "says the server")
                .endsWith(".");
        assertThat(server.calls().count(GET_RECORDS)).as("nothing is retried").isEqualTo(1);
    }

    @Test
    void deniedAccessNamesTheRightThatIsMissing() {
        server.faults().at(EVERYTHING).always(KinesisFault.accessDenied());

        assertThat(problem(source::describe).message()).contains("need kinesis:DescribeStreamSummary;");
        assertThat(problem(source::shards).message()).contains("need kinesis:ListShards;");
        assertThat(problem(() -> reader.read(OLDEST, 10)).message()).contains("need kinesis:GetShardIterator;");
        server.faults().heal();
        server.faults().at(GET_RECORDS).always(KinesisFault.accessDenied());
        assertThat(problem(() -> reader.read(OLDEST, 10)).message())
                .contains("need kinesis:GetRecords;", "kms:Decrypt for an encrypted stream");
    }

    @Test
    void aDisabledKeyIsSaidToBeTheKey() {
        server.faults().at(GET_RECORDS).next(KinesisFault.kms("Disabled"));

        assertThat(problem(() -> reader.read(OLDEST, 10)).message()).contains("key", "kms:Decrypt");
    }

    @Test
    void callsForTheStreamFailLikeReads() {
        server.faults().at(DESCRIBE).next(KinesisFault.limitExceeded(), KinesisFault.internalFailure());
        server.faults().at(LIST_SHARDS).next(KinesisFault.throttled(), new Fault.Disconnected());

        assertThat(problem(source::describe).kind()).isEqualTo(Kind.THROTTLED);
        assertThat(problem(source::describe).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(problem(source::shards).kind()).isEqualTo(Kind.THROTTLED);
        assertThat(problem(source::shards).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    static List<Fault> faults() {
        return List.of(
                new Fault.Disconnected(),
                new Fault.AnswerLost(),
                new Fault.AnswerCut(),
                KinesisFault.throttled(),
                KinesisFault.internalFailure(),
                KinesisFault.expiredIterator(),
                KinesisFault.accessDenied());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void readingGoesOnAtTheSameRecordAfterAFault(Fault fault) throws Exception {
        for (int i = 0; i < 20; i++) {
            stream.put("k", "data-" + i);
        }
        server.faults().at(GET_RECORDS).after(1).next(fault, fault);
        server.faults().at(GET_ITERATOR).after(1).next(fault);

        assertThat(FaultyReading.through(reader, 20))
                .isEqualTo(stream.records(SHARD).stream()
                        .map(record -> record.sequenceNumber())
                        .toList());
    }

    @Test
    void emptyReadsBeforeTheTipAreToldAsSuchAndPassedByTheirIterators() throws Exception {
        stream.put("k", "here");
        server.faults().at(GET_RECORDS).next(new Fault.EmptyRead(), new Fault.EmptyRead());

        assertThat(reader.read(OLDEST, 10).behindLatest()).isPositive();
        assertThat(reader.read(OLDEST, 10).behindLatest()).isPositive();
        assertThat(reader.read(OLDEST, 10).records()).hasSize(1);

        assertThat(server.calls().count(GET_ITERATOR)).isEqualTo(1);
    }

    @Test
    void anInterruptEndsACallToAServerThatDoesNotAnswer() throws Exception {
        server.faults().at(GET_RECORDS).next(new Fault.Stalled());
        FaultyReading.endsByAnInterrupt(reader, () -> server.calls().await(GET_RECORDS, 1));

        stream.put("k", "after");
        assertThat(reader.read(OLDEST, 10).records()).as("the reader can go on").hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "StartingSequenceNumber 17 used in GetShardIterator is invalid because it has expired., TRIMMED",
        "StartingSequenceNumber 17 is older than the trim horizon., TRIMMED",
        "StartingSequenceNumber 17 is invalid because it did not come from this stream., REJECTED",
        "Invalid StartingSequenceNumber. It encodes shardId-000000000007 and was used for another., REJECTED",
    })
    void aPositionThatIsTooOldIsTrimmedAndOneOfAnotherStreamRefused(String message, Kind kind) {
        server.faults().at(GET_ITERATOR).next(new Fault.Refused(400, "InvalidArgumentException", message));

        assertThat(problem(() -> reader.read(new ReadPosition.After(SequenceNumber.of("17")), 10))
                        .kind())
                .isEqualTo(kind);
    }

    @Test
    void onlyAStoredPositionCanBeTrimmed() {
        server.faults().at(GET_ITERATOR).next(new Fault.Refused(400, "InvalidArgumentException", "no such thing"));

        assertThat(problem(() -> reader.read(OLDEST, 10)).kind()).isEqualTo(Kind.REJECTED);
    }

    @Test
    void whatWasTrimmedBehindAPositionIsSkipped() throws Exception {
        for (int i = 0; i < 5; i++) {
            stream.put("k", "data-" + i);
        }
        List<StreamRecord> all = reader.read(OLDEST, 10).records();
        stream.trim(SHARD, all.get(2).sequenceNumber().digits());

        assertThat(reader.read(new ReadPosition.After(all.getFirst().sequenceNumber()), 10)
                        .records())
                .extracting(StreamRecord::sequenceNumber)
                .containsExactly(all.get(3).sequenceNumber(), all.get(4).sequenceNumber());
    }

    @Test
    void largeRecordsAreRead() throws Exception {
        byte[] large = new byte[10 * 1024 * 1024 - 10];
        stream.put("k", Payload.of(large));
        stream.put("k", "small");

        List<StreamRecord> records = new ArrayList<>();
        while (records.size() < 2) {
            ReadPosition from = records.isEmpty()
                    ? OLDEST
                    : new ReadPosition.After(records.getLast().sequenceNumber());
            records.addAll(reader.read(from, 10_000).records());
        }

        assertThat(records.getFirst().json().size()).isGreaterThan(large.length / 3L * 4);
    }

    @Test
    void theShardsLimitsAreToldAndOutlived() throws Exception {
        server.configure(settings -> settings.withLimits(true));
        stream.put("k", "data");

        int throttled = 0;
        for (int i = 0; i < 20; i++) {
            try {
                reader.read(OLDEST, 1);
            } catch (SourceException e) {
                assertThat(e.problem().kind()).isEqualTo(Kind.THROTTLED);
                throttled++;
            }
        }

        assertThat(throttled).isPositive();
        assertThat(source.pacing().busy()).isEqualTo(Duration.ofMillis(200));
    }
}
