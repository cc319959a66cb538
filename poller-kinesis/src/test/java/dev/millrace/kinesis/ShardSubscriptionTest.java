package dev.millrace.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.kinesis.ShardSubscription.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponse;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** How many events are asked for, and what becomes of failures. */
class ShardSubscriptionTest {

    private static final SubscribeToShardRequest REQUEST =
            SubscribeToShardRequest.builder().build();

    /** A client whose call is what the test makes of it. */
    private static final class OpenCall implements KinesisAsyncClient {
        private final CompletableFuture<Void> result = new CompletableFuture<>();
        private @Nullable RuntimeException refusal;

        @Override
        public CompletableFuture<Void> subscribeToShard(
                SubscribeToShardRequest request, SubscribeToShardResponseHandler handler) {
            if (refusal != null) {
                throw refusal;
            }
            return result;
        }

        @Override
        public String serviceName() {
            return "kinesis";
        }

        @Override
        public void close() {}
    }

    /** Notes what is asked for. */
    private static final class Demand implements Subscription {
        private final List<Long> requests = new ArrayList<>();
        private boolean cancelled;

        @Override
        public void request(long events) {
            requests.add(events);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final OpenCall call = new OpenCall();
    private final Demand demand = new Demand();

    private static SubscribeToShardEventStream event(String continuation) {
        return SubscribeToShardEventStream.subscribeToShardEventBuilder()
                .continuationSequenceNumber(continuation)
                .build();
    }

    private static Signal next(ShardSubscription subscription) throws InterruptedException {
        return Objects.requireNonNull(subscription.next(Duration.ofSeconds(10)));
    }

    @Test
    void twoEventsAreAskedForAndThenOneForEachThatIsUsedUp() throws Exception {
        ShardSubscription subscription = ShardSubscription.start(call, REQUEST);
        subscription.responseReceived(SubscribeToShardResponse.builder().build());
        subscription.onSubscribe(demand);
        assertThat(demand.requests).containsExactly(2L);
        subscription.onNext(event("1"));
        subscription.onNext(event("2"));
        assertThat(demand.requests).as("nothing was taken").hasSize(1);

        assertThat(next(subscription)).isInstanceOf(Signal.Accepted.class);
        assertThat(demand.requests).hasSize(1);
        assertThat(next(subscription))
                .isInstanceOfSatisfying(
                        Signal.Arrived.class,
                        arrived -> assertThat(arrived.event().continuationSequenceNumber())
                                .isEqualTo("1"));
        assertThat(demand.requests).as("the first one is worked on").hasSize(1);
        assertThat(next(subscription)).isInstanceOf(Signal.Arrived.class);
        assertThat(demand.requests).containsExactly(2L, 1L);
        assertThat(subscription.next(Duration.ofMillis(1))).isNull();
        assertThat(subscription.next(Duration.ofMillis(1))).isNull();
        assertThat(demand.requests).containsExactly(2L, 1L, 1L);
    }

    @Test
    void whatIsNoEventDoesNotCount() {
        ShardSubscription subscription = ShardSubscription.start(call, REQUEST);
        subscription.onSubscribe(demand);

        subscription.onNext(new SubscribeToShardEventStream() {
            @Override
            public List<SdkField<?>> sdkFields() {
                return List.of();
            }

            @Override
            public void accept(SubscribeToShardResponseHandler.Visitor visitor) {}
        });

        assertThat(demand.requests).containsExactly(2L, 1L);
    }

    @Test
    void nothingComesWithinTheTime() throws Exception {
        assertThat(ShardSubscription.start(call, REQUEST).next(Duration.ofMillis(1)))
                .isNull();
    }

    @Test
    void everyWayToFailIsTold() throws Exception {
        RuntimeException failure = SdkClientException.create("no");
        ShardSubscription reported = ShardSubscription.start(call, REQUEST);
        reported.exceptionOccurred(failure);
        assertThat(next(reported)).isEqualTo(new Signal.Failed(failure));

        ShardSubscription broken = ShardSubscription.start(call, REQUEST);
        broken.onError(failure);
        assertThat(next(broken)).isEqualTo(new Signal.Failed(failure));

        ShardSubscription never = ShardSubscription.start(call, REQUEST);
        call.result.completeExceptionally(failure);
        assertThat(next(never)).isEqualTo(new Signal.Failed(failure));

        call.refusal = failure;
        assertThat(next(ShardSubscription.start(call, REQUEST))).isEqualTo(new Signal.Failed(failure));
    }

    @Test
    void anEndIsTold() throws Exception {
        ShardSubscription subscription = ShardSubscription.start(call, REQUEST);
        subscription.onSubscribe(demand);
        subscription.onNext(event("1"));
        subscription.onComplete();

        assertThat(next(subscription)).isInstanceOf(Signal.Arrived.class);
        assertThat(next(subscription)).isInstanceOf(Signal.Ended.class);
    }

    @Test
    void cancellingEndsTheCallAndTheEvents() {
        ShardSubscription subscription = ShardSubscription.start(call, REQUEST);
        subscription.cancel();
        assertThat(call.result).isCancelled();

        subscription.onSubscribe(demand);
        subscription.cancel();
        assertThat(demand.cancelled).isTrue();
    }

    @Test
    void anEventIsOneOfTheServices() {
        assertThat(event("1")).isInstanceOf(SubscribeToShardEvent.class);
    }
}
