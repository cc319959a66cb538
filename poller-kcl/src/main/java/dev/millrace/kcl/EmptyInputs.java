package dev.millrace.kcl;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.retrieval.RecordsRetrieved;

/**
 * Publishes inputs without records, since no record passes through the library: from time to time one that says that the shard
 * is alive, at last the one that says that it has ended. Thread-safe; one subscriber at a time, the newest one.
 */
final class EmptyInputs {

    private @Nullable Subscriber<? super RecordsRetrieved> subscriber;
    private long demand;
    private boolean atEnd;
    private boolean endTold;

    synchronized void subscribe(Subscriber<? super RecordsRetrieved> newest) {
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

    synchronized void close() {
        subscriber = null;
    }
}
