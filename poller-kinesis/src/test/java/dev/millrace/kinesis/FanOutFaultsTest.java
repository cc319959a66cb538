package dev.millrace.kinesis;

import static dev.millrace.testkit.kinesis.KinesisCalls.GET_RECORDS;
import static dev.millrace.testkit.kinesis.KinesisCalls.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import dev.millrace.aws.stream.ShardAnswer;
import dev.millrace.filter.RecordFilter;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.source.StreamShard;
import dev.millrace.testkit.kinesis.KinesisFault;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.service.Fault;
import dev.millrace.testkit.service.Fault.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Subscriptions that are refused, end, or break off: reading goes on at the same record, by GetRecords if need be. */
class FanOutFaultsTest {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final String SHARD = "shardId-000000000000";
    /** Longer than a subscription lasts. */
    private static final Duration LONG = Duration.ofMinutes(6);

    private final KinesisServer server = KinesisServer.start();
    private final KinesisStreams streams = new KinesisStreams(server.endpoint());
    private final TestStream stream = server.stream("orders", 1);
    private final StreamAddress address = ScriptedKinesis.address(
            streams.consumer("orders"), server.endpoint().toString());
    private final SharedCredentials credentials =
            SharedCredentials.open(new ServicePlace("Kinesis", "us-east-1", server.endpoint()));
    private final KinesisClient client = ServiceClients.setUp(KinesisClient.builder(), address.place(), credentials, 10)
            .build();
    private final SubscriptionClient subscriber = SubscriptionClient.open(address.place(), true, credentials);

    /** Real time, and what a test has added to it. */
    private final AtomicLong ahead = new AtomicLong();

    private final FanOutShardReader reader = reader(Duration.ofMillis(500));

    private FanOutShardReader reader(Duration patience) {
        ShardRecords records = new ShardRecords(
                KinesisRecordJson.of(address.source(), "us-east-1", "role").forShard(SHARD),
                RecordFilter.NONE,
                Keying.UNPACKED);
        return new FanOutShardReader(
                address,
                SHARD,
                records,
                subscriber::subscribe,
                new KinesisShard(new KinesisCalls(client, address), SHARD, records).reader(System::nanoTime),
                new FanOutShardReader.Timing(() -> System.nanoTime() + ahead.get(), patience));
    }

    @AfterEach
    void close() {
        reader.close();
        subscriber.close();
        client.close();
        credentials.close();
        streams.close();
        server.close();
    }

    private void put(int count) {
        IntStream.range(0, count).forEach(i -> stream.put("k", "data-" + i));
    }

    private void letTimePass(Duration time) {
        ahead.addAndGet(time.toNanos());
    }

    /** Reads from the position until there are that many; failures are counted. */
    private final class Reading {
        private final List<SequenceNumber> read = new ArrayList<>();
        private final List<SourceProblem> problems = new ArrayList<>();

        void until(int count) throws InterruptedException {
            while (read.size() < count) {
                once();
            }
        }

        ShardRead once() throws InterruptedException {
            try {
                ShardRead answer = reader.read(position(), 2);
                answer.records().forEach(record -> read.add(record.sequenceNumber()));
                return answer;
            } catch (SourceException e) {
                problems.add(e.problem());
                assertThat(problems).hasSizeLessThan(10);
                return new ShardRead(List.of(), null, null);
            }
        }

        private ReadPosition position() {
            return read.isEmpty() ? OLDEST : new ReadPosition.After(read.getLast());
        }

        void assertComplete() {
            assertThat(read)
                    .extracting(SequenceNumber::digits)
                    .isEqualTo(stream.records(SHARD).stream()
                            .map(record -> record.sequenceNumber())
                            .toList());
        }
    }

    @Test
    void readsBySubscriptionAndNotByGetRecords() throws Exception {
        put(20);
        Reading reading = new Reading();

        reading.until(20);
        put(5);
        reading.until(25);

        reading.assertComplete();
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(1);
        assertThat(server.calls().count(GET_RECORDS)).isZero();
    }

    @Test
    void subscribesAnewWhenASubscriptionHasEnded() throws Exception {
        server.configure(settings ->
                settings.withSubscriptionLife(Duration.ofMillis(300)).withResubscribePause(Duration.ZERO));
        put(5);
        Reading reading = new Reading();
        reading.until(5);
        for (int i = 0; i < 3; i++) {
            server.calls().await(SUBSCRIBE, i + 1L);
            letTimePass(LONG);
            while (server.calls().count(SUBSCRIBE) == i + 1) {
                reading.once();
            }
            put(2);
            reading.until(7 + 2 * i);
        }

        reading.assertComplete();
        assertThat(reading.problems).isEmpty();
        assertThat(server.calls().count(GET_RECORDS)).isZero();
    }

    @Test
    void subscribesNoMoreOftenThanEveryFiveSeconds() throws Exception {
        server.configure(settings ->
                settings.withSubscriptionLife(Duration.ofMillis(50)).withResubscribePause(Duration.ofSeconds(5)));
        put(2);
        long start = System.nanoTime();
        Reading reading = new Reading();
        reading.until(2);
        while (server.calls().count(GET_RECORDS) == 0) {
            reading.once();
        }
        put(1);
        reading.until(3);

        reading.assertComplete();
        assertThat(reading.problems).isEmpty();
        long periods = Duration.ofNanos(System.nanoTime() - start).dividedBy(Duration.ofSeconds(5));
        assertThat(server.calls().count(SUBSCRIBE)).isLessThanOrEqualTo(1 + periods);
    }

    @Test
    void goesBackToASubscriptionInTime() throws Exception {
        server.faults().at(SUBSCRIBE).next(KinesisFault.unavailable());
        put(4);
        Reading reading = new Reading();
        assertThat(catchThrowableOfType(SourceException.class, () -> reader.read(OLDEST, 2))
                        .problem()
                        .kind())
                .isEqualTo(Kind.UNAVAILABLE);
        reading.until(4);
        long polls = server.calls().count(GET_RECORDS);
        assertThat(polls).isPositive();

        letTimePass(LONG);
        put(6);
        reading.until(10);

        reading.assertComplete();
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(2);
        assertThat(server.calls().count(GET_RECORDS)).isEqualTo(polls);
    }

    @ParameterizedTest
    @CsvSource({
        "400, AccessDeniedException, ACCESS_DENIED, kinesis:SubscribeToShard",
        "400, ResourceNotFoundException, REJECTED, knows no such consumer",
        "400, LimitExceededException, THROTTLED, less often",
        "400, InvalidArgumentException, REJECTED, refused",
        "500, InternalFailure, UNAVAILABLE, failed",
    })
    void aRefusalIsToldAndTheShardReadByGetRecords(int status, String code, Kind kind, String words) throws Exception {
        server.faults().at(SUBSCRIBE).always(new Fault.Refused(status, code, "says the server"));
        put(6);
        Reading reading = new Reading();
        reading.until(6);

        reading.assertComplete();
        assertThat(reading.problems).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(kind);
            assertThat(problem.message()).startsWith(address.source() + ": ").contains(words);
        });
    }

    @Test
    void aSubscriptionThatSomebodyElseHasIsWaitedForQuietlyAtFirst() throws Exception {
        server.faults().at(SUBSCRIBE).always(KinesisFault.resourceInUse());
        put(2);
        Reading reading = new Reading();
        reading.until(2);
        assertThat(reading.problems).isEmpty();

        while (reading.problems.isEmpty()) {
            letTimePass(Duration.ofSeconds(30));
            reading.once();
            assertThat(server.calls().count(SUBSCRIBE)).isLessThan(10);
        }

        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(3);
        assertThat(reading.problems.getFirst().kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(reading.problems.getFirst().message()).contains("somebody else uses the same consumer");
        put(1);
        reading.until(3);
        reading.assertComplete();
    }

    static List<Fault> breaks() {
        Stream<Fault> cuts = IntStream.rangeClosed(-1, 2)
                .boxed()
                .flatMap(events -> Stream.of(Cut.values()).map(how -> new Fault.SubscriptionCut(events, how)));
        return Stream.concat(cuts, failures().stream()).toList();
    }

    private static List<Fault> failures() {
        return List.of(
                new Fault.Disconnected(),
                new Fault.SubscriptionFailed(0, "InternalFailureException"),
                new Fault.SubscriptionFailed(1, "InternalFailureException"),
                new Fault.SubscriptionFailed(1, "KMSDisabledException"),
                new Fault.SubscriptionFailed(1, "ResourceInUseException"),
                new Fault.SubscriptionFailed(1, "ResourceNotFoundException"));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void readingGoesOnAtTheSameRecordAfterABreak(Fault fault) throws Exception {
        server.configure(
                settings -> settings.withResubscribePause(Duration.ZERO).withHeartbeat(Duration.ofMillis(50)));
        server.faults().at(SUBSCRIBE).next(fault, fault);
        Reading reading = new Reading();
        for (int i = 0; i < 10; i++) {
            put(5);
            reading.until(5 * i + 5);
            letTimePass(Duration.ofSeconds(10));
        }
        server.calls().await(SUBSCRIBE, 2);

        reading.assertComplete();
    }

    /** Nothing but an event without a number to go on from ends a shard, whatever becomes of the connection. */
    @ParameterizedTest
    @EnumSource(Cut.class)
    void aShardHasEndedWhenItsLastEventSaysSoAndNotWhenTheSubscriptionIsCut(Cut how) throws Exception {
        server.configure(
                settings -> settings.withResubscribePause(Duration.ZERO).withEndWithRecords(false));
        server.faults().at(SUBSCRIBE).next(new Fault.SubscriptionCut(1, how));
        server.faults().at(GET_RECORDS).always(KinesisFault.throttled());
        put(4);
        List<String> children = stream.split(SHARD);
        Reading reading = new Reading();
        reading.until(4);

        ShardRead last = reading.once();
        while (!last.atEnd()) {
            letTimePass(Duration.ofSeconds(10));
            last = reading.once();
        }

        reading.assertComplete();
        assertThat(last.children()).extracting(StreamShard::shardId).containsExactlyInAnyOrderElementsOf(children);
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void aSubscriptionThatIsCutEachTimeIsTriedEverMoreSeldomAndTold(Cut how) throws Exception {
        server.configure(settings -> settings.withResubscribePause(Duration.ZERO));
        server.faults().at(SUBSCRIBE).always(new Fault.SubscriptionCut(0, how));
        Reading reading = new Reading();
        for (int i = 0; i < 40; i++) {
            put(1);
            reading.until(i + 1);
            letTimePass(Duration.ofSeconds(5));
        }

        reading.assertComplete();
        assertThat(server.calls().count(SUBSCRIBE)).as("subscriptions in 200 s").isBetween(4L, 12L);
        assertThat(reading.problems).isNotEmpty().allSatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(problem.message()).startsWith(address.source() + ": ");
        });
    }

    @Test
    void aSubscriptionThatIsCutNowAndThenIsNoProblem() throws Exception {
        server.configure(
                settings -> settings.withResubscribePause(Duration.ZERO).withHeartbeat(Duration.ofMillis(20)));
        server.faults().at(SUBSCRIBE).times(5, new Fault.SubscriptionCut(3, Cut.BETWEEN_EVENTS));
        Reading reading = new Reading();
        for (int i = 0; i < 5; i++) {
            put(1);
            reading.until(i + 1);
            letTimePass(Duration.ofMinutes(2));
            while (server.calls().count(SUBSCRIBE) == i + 1) {
                reading.once();
                letTimePass(Duration.ofSeconds(1));
            }
        }

        reading.assertComplete();
        assertThat(reading.problems).isEmpty();
    }

    @Test
    void connectionsThatEndAllAtOnceAreSubscribedAnew() throws Exception {
        server.configure(settings -> settings.withResubscribePause(Duration.ZERO));
        put(3);
        Reading reading = new Reading();
        reading.until(3);
        server.closeConnections();
        put(3);
        reading.until(6);
        while (server.calls().count(SUBSCRIBE) < 2) {
            letTimePass(LONG);
            reading.once();
        }
        put(3);
        reading.until(9);

        reading.assertComplete();
    }

    // ---- what an answer says of the tip of the shard ----

    /** A claim to have read everything up to this moment would hide what the stream drops while nobody reads (ADR 0018). */
    @Test
    void whatWasPushedBeforeALongPauseIsAsOldAsThePause() throws Exception {
        put(6);
        ShardRead first = reader.read(OLDEST, 2);
        assertThat(first.age()).isLessThan(Duration.ofMinutes(1));

        letTimePass(Duration.ofHours(1));
        ShardRead ofTheSameEvent = reader.read(ShardAnswer.after(OLDEST, first), 2);
        assertThat(ofTheSameEvent.records()).hasSize(2);
        assertThat(ofTheSameEvent.age()).isGreaterThanOrEqualTo(Duration.ofHours(1));

        ReadPosition position = ShardAnswer.after(OLDEST, ofTheSameEvent);
        ShardRead rest = reader.read(position, 10);
        position = ShardAnswer.after(position, rest);
        put(1);
        letTimePass(Duration.ofHours(1));
        ShardRead next = reader.read(position, 10);
        assertThat(next.age()).isGreaterThanOrEqualTo(Duration.ofHours(1));
    }

    @Test
    void aSubscriptionThatBringsWhatItIsAskedForIsUpToDate() throws Exception {
        server.configure(settings -> settings.withHeartbeat(Duration.ofMillis(1_200)));
        put(1);
        Duration pause = Duration.ofHours(1);
        try (FanOutShardReader patient = reader(Duration.ofSeconds(10))) {
            ReadPosition position = ShardAnswer.after(OLDEST, patient.read(OLDEST, 10));
            letTimePass(pause);

            int reads = 0;
            while (patient.read(position, 10).age().compareTo(pause) >= 0) {
                assertThat(++reads).isLessThan(10);
            }
        }
    }

    @Test
    void silenceSaysNothingOfTheTip() throws Exception {
        server.configure(settings -> settings.withHeartbeat(Duration.ofHours(1)));
        put(1);
        ShardRead first = reader.read(OLDEST, 10);

        letTimePass(Duration.ofSeconds(3));
        ShardRead silence = reader.read(ShardAnswer.after(OLDEST, first), 10);

        assertThat(silence.records()).isEmpty();
        assertThat(silence.age()).isGreaterThan(Duration.ofSeconds(3));
    }

    @Test
    void aSilentSubscriptionIsGivenUp() throws Exception {
        server.faults().at(SUBSCRIBE).next(new Fault.Stalled());
        put(2);
        try (FanOutShardReader impatient = reader(Duration.ofMillis(20))) {
            for (int i = 0; i < 5; i++) {
                assertThat(impatient.read(OLDEST, 10).records()).isEmpty();
            }

            SourceException silence = catchThrowableOfType(SourceException.class, () -> impatient.read(OLDEST, 10));
            assertThat(silence.problem().kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(silence.problem().message()).contains("sent nothing");
            assertThat(impatient.read(OLDEST, 10).records()).hasSize(2);
        }
    }

    /** The emulator kinesis-local never tells a subscriber of the end of a shard. */
    @Test
    void afterManyEmptyEventsGetRecordsIsAskedToo() throws Exception {
        server.configure(settings -> settings.withHeartbeat(Duration.ofMillis(10)));
        Reading reading = new Reading();
        while (server.calls().count(GET_RECORDS) == 0) {
            reading.once();
        }
        put(2);
        reading.until(2);

        reading.assertComplete();
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(1);
    }

    @Test
    void anotherPositionIsReadAtOnceThoughNoSubscriptionCanBeHadYet() throws Exception {
        put(6);
        Reading reading = new Reading();
        reading.until(6);

        ShardRead again = reader.read(new ReadPosition.After(reading.read.get(2)), 10);

        assertThat(again.records())
                .extracting(record -> record.sequenceNumber())
                .isEqualTo(reading.read.subList(3, 6));
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(1);
        assertThat(server.calls().count(GET_RECORDS)).isEqualTo(1);
    }
}
