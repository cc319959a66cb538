package dev.millrace.testkit.kinesis;

import static dev.millrace.testkit.kinesis.KinesisCalls.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.service.Fault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.InternalFailureException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** SubscribeToShard, as the AWS SDK's Netty client sees it in both of its protocols. */
@ParameterizedClass(name = "CBOR {0}")
@ValueSource(booleans = {true, false})
class SubscriptionTest {

    private static final String FIRST = "shardId-000000000000";

    private static final SdkAsyncHttpClient HTTP = SdkClients.netty();

    private final KinesisServer server = KinesisServer.start();
    private final TestStream stream = server.stream("s", 1);
    private final KinesisAsyncClient client;
    private final String consumer;

    SubscriptionTest(boolean cbor) {
        SdkClients.speak(cbor);
        client = SdkClients.async(server, HTTP);
        consumer = client.registerStreamConsumer(
                        request -> request.streamARN(stream.arn()).consumerName("c"))
                .join()
                .consumer()
                .consumerARN();
    }

    @AfterAll
    static void closeHttp() {
        HTTP.close();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        SdkClients.speakDefault();
    }

    /** A subscription and what came of it. */
    private static final class Subscription {

        private final List<SubscribeToShardEvent> events = new CopyOnWriteArrayList<>();
        private CompletableFuture<?> end = new CompletableFuture<>();

        List<String> data() {
            return events.stream()
                    .flatMap(event -> event.records().stream())
                    .map(one -> one.data().asUtf8String())
                    .toList();
        }

        /** Why it ended; null when it did so in the ordinary way. */
        @Nullable
        Throwable cause() throws InterruptedException, TimeoutException {
            try {
                end.get(20, TimeUnit.SECONDS);
                return null;
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                return cause instanceof CompletionException ? cause.getCause() : cause;
            }
        }
    }

    private Subscription subscribe(ShardIteratorType type, @Nullable String number) {
        Subscription subscription = new Subscription();
        subscription.end = client.subscribeToShard(
                request -> request.consumerARN(consumer)
                        .shardId(FIRST)
                        .startingPosition(StartingPosition.builder()
                                .type(type)
                                .sequenceNumber(number)
                                .build()),
                SubscribeToShardResponseHandler.builder()
                        .subscriber(SubscribeToShardResponseHandler.Visitor.builder()
                                .onSubscribeToShardEvent(subscription.events::add)
                                .build())
                        .build());
        return subscription;
    }

    private Subscription subscribe() {
        return subscribe(ShardIteratorType.TRIM_HORIZON, null);
    }

    @Test
    void pushesRecordsAsTheyArrive() {
        String first = stream.put("k", "1").sequenceNumber();
        Subscription all = subscribe();
        Eventually.until("the first record", () -> all.data().equals(List.of("1")));
        assertThat(all.events.getFirst().continuationSequenceNumber()).isEqualTo(first);
        assertThat(all.events.getFirst().millisBehindLatest()).isZero();
        assertThat(all.events.getFirst().records().getFirst().approximateArrivalTimestamp())
                .isNotNull();

        String second = stream.put("k", "2").sequenceNumber();
        Eventually.until("the second record", () -> all.data().equals(List.of("1", "2")));
        assertThat(all.events.getLast().continuationSequenceNumber()).isEqualTo(second);
    }

    @Test
    void goesOnBehindASequenceNumber() {
        server.configure(settings -> settings.withResubscribePause(Duration.ZERO));
        String first = stream.put("k", "1").sequenceNumber();
        stream.put("k", "2");

        Subscription after = subscribe(ShardIteratorType.AFTER_SEQUENCE_NUMBER, first);
        Eventually.until("the second record", () -> after.data().equals(List.of("2")));
        Subscription at = subscribe(ShardIteratorType.AT_SEQUENCE_NUMBER, first);
        Eventually.until("both records", () -> at.data().equals(List.of("1", "2")));
        Subscription latest = subscribe(ShardIteratorType.LATEST, null);
        Eventually.until("an event", () -> !latest.events.isEmpty());
        stream.put("k", "3");
        Eventually.until("the third record", () -> latest.data().equals(List.of("3")));
    }

    @Test
    void sendsEmptyEventsWhileNothingArrives() {
        server.configure(settings -> settings.withHeartbeat(Duration.ofMillis(10)));
        String number = stream.put("k", "1").sequenceNumber();

        Subscription subscription = subscribe(ShardIteratorType.LATEST, null);

        Eventually.until("three events", () -> subscription.events.size() >= 3);
        assertThat(subscription.events).allSatisfy(event -> {
            assertThat(event.records()).isEmpty();
            assertThat(event.continuationSequenceNumber()).isEqualTo(number);
        });
    }

    @Test
    void carriesRecordsOfTenMebibytes() {
        Payload large = Payload.of(new byte[10 * 1024 * 1024 - 1]);
        stream.put("k", large);
        stream.put("k", large);

        Subscription subscription = subscribe();

        Eventually.until("two events", () -> subscription.events.size() >= 2);
        assertThat(subscription.events.subList(0, 2))
                .allSatisfy(event -> assertThat(event.records())
                        .singleElement()
                        .satisfies(one ->
                                assertThat(one.data().asByteArrayUnsafe()).hasSize(10 * 1024 * 1024 - 1)));
    }

    @Test
    void endsWithTheShardAndTellsItsChildren() throws Exception {
        stream.put("k", "1");
        Subscription subscription = subscribe();
        Eventually.until("the record", () -> subscription.data().equals(List.of("1")));

        List<String> children = stream.split(FIRST);

        assertThat(subscription.cause()).isNull();
        SubscribeToShardEvent last = subscription.events.getLast();
        assertThat(last.continuationSequenceNumber()).isNull();
        assertThat(last.childShards()).extracting(ChildShard::shardId).containsExactlyElementsOf(children);
    }

    @Test
    void endsWhenItsTimeIsOver() throws Exception {
        server.configure(settings -> settings.withSubscriptionLife(Duration.ofMillis(50)));

        Subscription subscription = subscribe();

        assertThat(subscription.cause()).isNull();
        assertThat(subscription.events)
                .isNotEmpty()
                .allSatisfy(
                        event -> assertThat(event.continuationSequenceNumber()).isNotNull());
    }

    @Test
    void refusesToSubscribeAgainTooSoon() throws Exception {
        Subscription first = subscribe();
        Eventually.until("an event", () -> !first.events.isEmpty());

        assertThat(subscribe().cause())
                .isInstanceOf(ResourceInUseException.class)
                .hasMessageContaining("Another active subscription exists for this consumer");
        assertThat(first.end).isNotDone();
    }

    @Test
    void letsALaterSubscriptionTakeOver() throws Exception {
        server.configure(
                settings -> settings.withResubscribePause(Duration.ZERO).withHeartbeat(Duration.ofMillis(10)));
        Subscription first = subscribe();
        Eventually.until("an event", () -> !first.events.isEmpty());
        Subscription second = subscribe();

        assertThat(first.cause()).isInstanceOf(ResourceInUseException.class);
        stream.put("k", "1");
        Eventually.until("the record", () -> second.data().equals(List.of("1")));
    }

    @Test
    void refusesWhatDoesNotExist() throws Exception {
        client.deregisterStreamConsumer(request -> request.consumerARN(consumer))
                .join();

        assertThat(subscribe().cause()).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void endsWithItsConsumer() throws Exception {
        server.configure(settings -> settings.withHeartbeat(Duration.ofMillis(10)));
        Subscription subscription = subscribe();
        Eventually.until("an event", () -> !subscription.events.isEmpty());

        client.deregisterStreamConsumer(request -> request.consumerARN(consumer))
                .join();

        assertThat(subscription.cause()).isInstanceOf(ResourceNotFoundException.class);
    }

    // ---- faults ----

    @Test
    void refusesSubscriptionsOnCue() throws Exception {
        server.faults().at(SUBSCRIBE).next(KinesisFault.resourceInUse(), KinesisFault.limitExceeded());

        assertThat(subscribe().cause()).isInstanceOf(ResourceInUseException.class);
        assertThat(subscribe().cause()).isInstanceOf(LimitExceededException.class);
    }

    @Test
    void cutsASubscriptionOnCue() throws Exception {
        server.configure(settings -> settings.withHeartbeat(Duration.ofMillis(10)));
        server.faults().at(SUBSCRIBE).onShard(FIRST).next(new Fault.SubscriptionCut(2));

        Subscription subscription = subscribe();

        // The SDK does not tell a connection that was cut from a subscription that ended.
        assertThat(subscription.cause()).isNull();
        assertThat(subscription.events)
                .hasSize(2)
                .allSatisfy(
                        event -> assertThat(event.continuationSequenceNumber()).isNotNull());
    }

    @Test
    void failsASubscriptionOnCue() throws Exception {
        server.configure(settings -> settings.withHeartbeat(Duration.ofMillis(10)));
        server.faults().at(SUBSCRIBE).next(new Fault.SubscriptionFailed(1, "InternalFailureException"));

        Subscription subscription = subscribe();

        assertThat(subscription.cause()).isInstanceOf(InternalFailureException.class);
        assertThat(subscription.events).hasSize(1);
    }

    @Test
    void endsWithTheConnections() throws Exception {
        Subscription subscription = subscribe();
        Eventually.until("an event", () -> !subscription.events.isEmpty());

        server.closeConnections();

        assertThat(subscription.cause()).isNull();
    }
}
