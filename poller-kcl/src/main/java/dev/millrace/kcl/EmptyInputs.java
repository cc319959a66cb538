package dev.millrace.kcl;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.RequestDetails;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.retrieval.RecordsDeliveryAck;
import software.amazon.kinesis.retrieval.RecordsPublisher;
import software.amazon.kinesis.retrieval.RecordsRetrieved;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/**
 * Publishes inputs without records, since no record passes through the library: from time to time one that says that the shard
 * is alive, at last the one that says that it has ended. Thread-safe; one subscriber at a time, the newest one.
 */
final class EmptyInputs implements RecordsPublisher {

    private final Runnable whenReleased;

    // Guarded by this.
    private @Nullable Subscriber<? super RecordsRetrieved> subscriber;
    private long demand;
    private boolean atEnd;
    private boolean endTold;

    /** @param whenReleased told when the library is done with the lease */
    EmptyInputs(Runnable whenReleased) {
        this.whenReleased = whenReleased;
    }

    @Override
    public void start(ExtendedSequenceNumber from, InitialPositionInStreamExtended initial) {}

    /** Nothing was published that could be repeated. */
    @Override
    public void restartFrom(RecordsRetrieved retrieved) {}

    /** Inputs are published one at a time anyway. */
    @Override
    public void notify(RecordsDeliveryAck ack) {}

    @Override
    public RequestDetails getLastSuccessfulRequestDetails() {
        return new RequestDetails();
    }

    @Override
    public synchronized void subscribe(Subscriber<? super RecordsRetrieved> newest) {
        subscriber = newest;
        demand = 0;
        endTold = false;
        newest.onSubscribe(new Subscription() {
            @Override
            public void request(long count) {
                requested(newest, count);
            }

            @Override
            public void cancel() {
                cancelled(newest);
            }
        });
    }

    private synchronized void requested(Subscriber<? super RecordsRetrieved> by, long count) {
        if (by.equals(subscriber)) {
            demand += count;
            tellEnd();
        }
    }

    private synchronized void cancelled(Subscriber<? super RecordsRetrieved> by) {
        if (by.equals(subscriber)) {
            subscriber = null;
        }
    }

    synchronized void keepAlive() {
        if (!atEnd) {
            publish(false);
        }
    }

    /** The shard has ended, and nothing follows: the coordinator writes the leases of the shards that do. */
    synchronized void end() {
        atEnd = true;
        tellEnd();
    }

    private void tellEnd() {
        if (atEnd && !endTold) {
            endTold = publish(true);
        }
    }

    private boolean publish(boolean end) {
        Subscriber<? super RecordsRetrieved> to = subscriber;
        if (to == null || demand == 0) {
            return false;
        }
        demand--;
        Instant now = Instant.now();
        ProcessRecordsInput input = ProcessRecordsInput.builder()
                .records(List.of())
                .isAtShardEnd(end)
                .childShards(List.of())
                .millisBehindLatest(0L)
                .cacheEntryTime(now)
                .cacheExitTime(now)
                .build();
        RecordsRetrieved empty = () -> input;
        to.onNext(empty);
        return true;
    }

    @Override
    public void shutdown() {
        synchronized (this) {
            subscriber = null;
        }
        whenReleased.run();
    }
}
