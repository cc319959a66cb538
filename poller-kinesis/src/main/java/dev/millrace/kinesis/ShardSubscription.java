package dev.millrace.kinesis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponse;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * One subscription to a shard, from the call to its end: takes what is pushed on the client's threads and gives it to the
 * one thread that waits for it. No more events are here than {@link #MOST_HELD}, the one that is being worked on among them,
 * so that a slow reader holds the service back and does not fill the heap.
 */
final class ShardSubscription implements SubscribeToShardResponseHandler, Subscriber<SubscribeToShardEventStream> {

    /** One to be worked on and one that is ready then. */
    private static final int MOST_HELD = 2;

    /** What a subscription tells. */
    sealed interface Signal {

        /** The service has accepted the subscription. */
        record Accepted() implements Signal {}

        record Arrived(SubscribeToShardEvent event) implements Signal {}

        /** The subscription has ended, as each does after 5 minutes. Nothing follows. */
        record Ended() implements Signal {}

        /** The subscription was refused or has broken off. Nothing follows. */
        record Failed(Throwable cause) implements Signal {}
    }

    /** Holds at most {@link #MOST_HELD} events, and a few signals of the beginning and the end. */
    private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();

    /** Whether the last signal taken was an event, for which another one has not been asked for. The reader's. */
    private boolean owesDemand;

    /** Null until the service has accepted. Set once, by the client's thread. */
    private volatile @Nullable Subscription demand;

    /** Set once, before anybody else knows this object. */
    private @Nullable CompletableFuture<Void> call;

    private ShardSubscription() {}

    /** Starts a subscription; does not block. Whatever goes wrong comes as a signal. */
    static ShardSubscription start(KinesisAsyncClient client, SubscribeToShardRequest request) {
        ShardSubscription subscription = new ShardSubscription();
        try {
            subscription.call = client.subscribeToShard(request, subscription);
        } catch (RuntimeException e) {
            subscription.signals.add(new Signal.Failed(e));
            return subscription;
        }
        // Some failures, such as missing credentials, come only here.
        var _ = subscription.call.whenComplete((_, failure) -> {
            if (failure != null) {
                subscription.signals.add(new Signal.Failed(failure));
            }
        });
        return subscription;
    }

    /** The next signal, or null when none comes in time. The caller is done with the event that it took before. */
    @Nullable
    Signal next(Duration timeout) throws InterruptedException {
        if (owesDemand) {
            owesDemand = false;
            ask(1);
        }
        Signal signal = signals.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        owesDemand = signal instanceof Signal.Arrived;
        return signal;
    }

    /** Ends the subscription from this side. Does not block. */
    void cancel() {
        Subscription accepted = demand;
        if (accepted != null) {
            accepted.cancel();
        }
        if (call != null) {
            call.cancel(true);
        }
    }

    private void ask(int events) {
        Subscription accepted = demand;
        if (accepted != null) {
            accepted.request(events);
        }
    }

    // ---- on the client's threads ----

    @Override
    public void responseReceived(SubscribeToShardResponse response) {
        signals.add(new Signal.Accepted());
    }

    @Override
    public void onEventStream(SdkPublisher<SubscribeToShardEventStream> publisher) {
        publisher.subscribe(this);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        demand = subscription;
        subscription.request(MOST_HELD);
    }

    @Override
    public void onNext(SubscribeToShardEventStream event) {
        if (event instanceof SubscribeToShardEvent arrived) {
            signals.add(new Signal.Arrived(arrived));
        } else {
            // The beginning of the stream, and kinds of event that nobody knows yet.
            ask(1);
        }
    }

    @Override
    public void onError(Throwable cause) {
        signals.add(new Signal.Failed(cause));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal.Ended());
    }

    @Override
    public void exceptionOccurred(Throwable cause) {
        signals.add(new Signal.Failed(cause));
    }

    @Override
    public void complete() {
        signals.add(new Signal.Ended());
    }
}
