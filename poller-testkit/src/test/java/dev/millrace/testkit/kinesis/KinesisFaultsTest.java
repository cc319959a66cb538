package dev.millrace.testkit.kinesis;

import static dev.millrace.testkit.kinesis.KinesisCalls.EVERYTHING;
import static dev.millrace.testkit.kinesis.KinesisCalls.GET_ITERATOR;
import static dev.millrace.testkit.kinesis.KinesisCalls.GET_RECORDS;
import static dev.millrace.testkit.kinesis.KinesisCalls.LIST_SHARDS;
import static dev.millrace.testkit.kinesis.KinesisCalls.PUT_RECORD;
import static dev.millrace.testkit.kinesis.KinesisCalls.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.service.Fault;
import dev.millrace.testkit.service.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.AccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.KmsAccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.KmsDisabledException;
import software.amazon.awssdk.services.kinesis.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kinesis.model.KmsNotFoundException;
import software.amazon.awssdk.services.kinesis.model.KmsOptInRequiredException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

class KinesisFaultsTest {

    private static final String FIRST = "shardId-000000000000";
    private static final String SECOND = "shardId-000000000001";

    private final TestClock clock = new TestClock(Instant.parse("2026-11-20T10:00:00Z"));
    private final KinesisServer server = KinesisServer.start(clock);
    private final TestStream stream = server.stream("s", 2);
    private final KinesisClient client = SdkClients.sync(server);

    @AfterEach
    void close() {
        client.close();
        server.close();
        SdkClients.speakDefault();
    }

    private void list() {
        client.listShards(request -> request.streamName("s"));
    }

    private String iterator(String shardId) {
        return client.getShardIterator(request ->
                        request.streamName("s").shardId(shardId).shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
    }

    private GetRecordsResponse read(String iterator) {
        return client.getRecords(request -> request.shardIterator(iterator));
    }

    private static List<String> data(GetRecordsResponse read) {
        return read.records().stream().map(one -> one.data().asUtf8String()).toList();
    }

    // ---- refusals ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesCallsAsKinesisDoes(boolean cbor) {
        SdkClients.speak(cbor);
        List<Fault.Refused> faults = List.of(
                KinesisFault.throttled(),
                KinesisFault.limitExceeded(),
                KinesisFault.expiredIterator(),
                KinesisFault.internalFailure(),
                KinesisFault.unavailable(),
                KinesisFault.accessDenied(),
                KinesisFault.notFound(),
                KinesisFault.resourceInUse(),
                KinesisFault.kms("AccessDenied"),
                KinesisFault.kms("Disabled"),
                KinesisFault.kms("InvalidState"),
                KinesisFault.kms("NotFound"),
                KinesisFault.kms("OptInRequired"),
                KinesisFault.kms("Throttling"));
        server.faults().at(GET_RECORDS).next(faults.toArray(Fault[]::new));
        String iterator = iterator(FIRST);

        List<Class<?>> seen = new ArrayList<>();
        for (Fault.Refused fault : faults) {
            assertThatThrownBy(() -> read(iterator)).isInstanceOfSatisfying(KinesisException.class, e -> {
                assertThat(e.statusCode()).isEqualTo(fault.status());
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo(fault.code());
                assertThat(e.awsErrorDetails().errorMessage()).isEqualTo(fault.message());
                assertThat(e.requestId()).isNotBlank();
                seen.add(e.getClass());
            });
        }

        assertThat(seen)
                .containsExactly(
                        ProvisionedThroughputExceededException.class,
                        LimitExceededException.class,
                        ExpiredIteratorException.class,
                        KinesisException.class,
                        KinesisException.class,
                        AccessDeniedException.class,
                        ResourceNotFoundException.class,
                        ResourceInUseException.class,
                        KmsAccessDeniedException.class,
                        KmsDisabledException.class,
                        KmsInvalidStateException.class,
                        KmsNotFoundException.class,
                        KmsOptInRequiredException.class,
                        KmsThrottlingException.class);
        assertThatCode(() -> read(iterator)).doesNotThrowAnyException();
    }

    @Test
    void letsIteratorsExpire() {
        String old = iterator(FIRST);
        clock.advance(Duration.ofMinutes(5).plusMillis(1));
        assertThatThrownBy(() -> read(old))
                .isInstanceOf(ExpiredIteratorException.class)
                .hasMessageContaining("Iterator expired.")
                .hasMessageContaining("tolerated delay of 300000 milliseconds");

        server.configure(settings -> settings.withIteratorLife(Duration.ofSeconds(1)));
        String young = iterator(FIRST);
        clock.advance(Duration.ofSeconds(1));
        String next = read(young).nextShardIterator();
        clock.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> read(young)).isInstanceOf(ExpiredIteratorException.class);
        assertThatCode(() -> read(next)).doesNotThrowAnyException();

        String unused = iterator(FIRST);
        server.expireIterators();
        assertThatThrownBy(() -> read(unused)).isInstanceOf(ExpiredIteratorException.class);
        assertThatCode(() -> read(iterator(FIRST))).doesNotThrowAnyException();
    }

    // ---- connections ----

    @Test
    void closesAConnectionWithoutAnAnswer() {
        server.faults().at(PUT_RECORD).next(new Fault.Disconnected(), new Fault.AnswerLost());

        assertThatThrownBy(() -> put("one")).isInstanceOf(SdkClientException.class);
        assertThat(stream.records(stream.shardOf("k"))).isEmpty();
        assertThatThrownBy(() -> put("two")).isInstanceOf(SdkClientException.class);
        assertThat(stream.records(stream.shardOf("k"))).hasSize(1);
        put("three");
        assertThat(stream.records(stream.shardOf("k"))).hasSize(2);
    }

    private void put(String data) {
        client.putRecord(request -> request.streamName("s").partitionKey("k").data(SdkBytes.fromUtf8String(data)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cutsAnAnswerInTheMiddle(boolean cbor) {
        SdkClients.speak(cbor);
        stream.putOn(FIRST, "k", Payload.of(new byte[100_000]));
        String iterator = iterator(FIRST);
        server.faults().at(GET_RECORDS).next(new Fault.AnswerCut());

        assertThatThrownBy(() -> read(iterator)).isInstanceOf(SdkClientException.class);
        assertThat(read(iterator).records()).hasSize(1);
    }

    @Test
    void keepsAClientWithoutAnAnswer() {
        server.faults().at(LIST_SHARDS).next(new Fault.Stalled());

        assertThatThrownBy(this::list).isInstanceOf(SdkClientException.class);

        server.calls().awaitAbandoned(1);
    }

    @Test
    void answersLate() {
        Duration late = Duration.ofMillis(200);
        server.faults().at(LIST_SHARDS).next(new Fault.Delayed(late));

        long before = System.nanoTime();
        list();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(late);
    }

    @Test
    void holdsAnAnswerUntilToldTo() throws InterruptedException {
        CountDownLatch until = new CountDownLatch(1);
        server.faults().at(PUT_RECORD).next(new Fault.Held(until));
        CountDownLatch answered = new CountDownLatch(1);
        Thread caller = Thread.ofVirtual().start(() -> {
            put("held");
            answered.countDown();
        });

        server.calls().awaitStruck(PUT_RECORD, 1);
        Eventually.until(
                "the record to be there",
                () -> stream.records(stream.shardOf("k")).size() == 1);
        assertThat(answered.getCount()).isEqualTo(1);
        until.countDown();

        answered.await();
        caller.join();
    }

    // ---- lies and surprises ----

    @Test
    void liesThatThereIsNothingToRead() {
        stream.putOn(FIRST, "k", Payload.ofText("x"));
        server.faults().at(GET_RECORDS).next(new Fault.EmptyRead());

        GetRecordsResponse lie = read(iterator(FIRST));
        GetRecordsResponse truth = read(lie.nextShardIterator());

        assertThat(lie.records()).isEmpty();
        assertThat(lie.millisBehindLatest()).isPositive();
        assertThat(data(truth)).containsExactly("x");
    }

    @Test
    void reshardsOnCue() {
        stream.putOn(FIRST, "k", Payload.ofText("x"));
        server.faults().at(GET_RECORDS).onShard(FIRST).after(1).next(new Fault.Meanwhile(() -> stream.split(FIRST)));

        GetRecordsResponse before = read(iterator(FIRST));
        GetRecordsResponse after = read(before.nextShardIterator());

        assertThat(data(before)).containsExactly("x");
        assertThat(after.nextShardIterator()).isNull();
        assertThat(after.childShards()).hasSize(2);
    }

    // ---- which calls ----

    @Test
    void strikesOnlyTheCallsThatAreMeant() {
        server.stream("other", 1);
        server.faults().at(EVERYTHING).onStream("s").onShard(SECOND).always(KinesisFault.throttled());

        assertThatCode(() -> read(iterator(FIRST))).doesNotThrowAnyException();
        assertThatCode(this::list).doesNotThrowAnyException();
        assertThatThrownBy(() -> iterator(SECOND)).isInstanceOf(ProvisionedThroughputExceededException.class);
        assertThatThrownBy(() -> iterator(SECOND)).isInstanceOf(ProvisionedThroughputExceededException.class);
        server.faults().heal();
        assertThatCode(() -> iterator(SECOND)).doesNotThrowAnyException();
    }

    @Test
    void strikesAsOftenAsTold() {
        server.faults().at(LIST_SHARDS).after(1).times(2, KinesisFault.limitExceeded());

        assertThatCode(this::list).doesNotThrowAnyException();
        assertThatThrownBy(this::list).isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(this::list).isInstanceOf(LimitExceededException.class);
        assertThatCode(this::list).doesNotThrowAnyException();
        assertThat(server.calls().count(LIST_SHARDS)).isEqualTo(4);
        assertThat(server.calls().struck(LIST_SHARDS)).isEqualTo(2);
    }

    @Test
    void strikesByChanceInTheSameWayForTheSameSeed() {
        List<Boolean> first = struckByChance(4711);
        List<Boolean> again = struckByChance(4711);
        List<Boolean> other = struckByChance(4712);

        assertThat(first).contains(true, false).isEqualTo(again).isNotEqualTo(other);
    }

    private List<Boolean> struckByChance(long seed) {
        server.faults().heal();
        server.faults().at(LIST_SHARDS).sometimes(0.5, seed, KinesisFault.throttled());
        List<Boolean> struck = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long before = server.calls().struck(LIST_SHARDS);
            try {
                list();
            } catch (ProvisionedThroughputExceededException e) {
                assertThat(e.isThrottlingException()).isTrue();
            }
            struck.add(server.calls().struck(LIST_SHARDS) > before);
        }
        return struck;
    }

    @Test
    void refusesFaultsThatCannotHappen() {
        assertThatThrownBy(() -> server.faults().at(LIST_SHARDS).always(new Fault.EmptyRead()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> server.faults().at(EVERYTHING).always(new Fault.SubscriptionCut(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatCode(() -> server.faults().at(SUBSCRIBE).always(new Fault.SubscriptionCut(1)))
                .doesNotThrowAnyException();
    }

    // ---- limits ----

    @Test
    void allowsFiveReadsOfAShardInASecond() {
        server.configure(settings -> settings.withLimits(true));
        String one = iterator(FIRST);
        String other = iterator(SECOND);

        for (int i = 0; i < 5; i++) {
            read(one);
        }
        assertThatThrownBy(() -> read(one))
                .isInstanceOf(ProvisionedThroughputExceededException.class)
                .hasMessageContaining("Rate exceeded for shard " + FIRST);
        assertThatCode(() -> read(other)).doesNotThrowAnyException();
        clock.advance(Duration.ofSeconds(1));
        assertThatCode(() -> read(one)).doesNotThrowAnyException();
    }

    @Test
    void allowsFiveIteratorsOfAShardInASecond() {
        server.configure(settings -> settings.withLimits(true));

        for (int i = 0; i < 5; i++) {
            iterator(FIRST);
        }
        assertThatThrownBy(() -> iterator(FIRST)).isInstanceOf(ProvisionedThroughputExceededException.class);
        clock.advance(Duration.ofSeconds(1));
        assertThatCode(() -> iterator(FIRST)).doesNotThrowAnyException();
    }

    @Test
    void allowsTwoMebibytesOfAShardInASecond() {
        server.configure(settings -> settings.withLimits(true));
        stream.putOn(FIRST, "k", Payload.of(new byte[10 * 1024 * 1024 - 1]));
        String iterator = iterator(FIRST);

        String next = read(iterator).nextShardIterator();

        clock.advance(Duration.ofMillis(3999));
        assertThatThrownBy(() -> read(next)).isInstanceOf(ProvisionedThroughputExceededException.class);
        clock.advance(Duration.ofMillis(1));
        assertThatCode(() -> read(next)).doesNotThrowAnyException();
    }

    // ---- what was asked ----

    @Test
    void tellsWhatWasAsked() {
        String number = stream.putOn(FIRST, "k", Payload.ofText("x")).sequenceNumber();
        assertThat(stream.lastReadAfter(FIRST)).isEmpty();
        String next = read(iterator(FIRST)).nextShardIterator();
        assertThat(stream.lastReadAfter(FIRST))
                .hasValue(stream.shards().getFirst().starting());
        read(next);

        assertThat(stream.lastReadAfter(FIRST)).hasValue(number);
        assertThat(server.calls().count(GET_RECORDS, "s", FIRST)).isEqualTo(2);
        assertThat(server.calls().count(GET_RECORDS, "s", SECOND)).isZero();
        assertThat(server.calls().count(GET_ITERATOR)).isEqualTo(1);
        assertThat(server.calls().count(EVERYTHING)).isEqualTo(3);
    }
}
