package dev.millrace.testkit.kinesis.operation;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.kinesis.model.Consumers.Consumer;
import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.kinesis.model.ReadResult;
import dev.millrace.testkit.kinesis.model.StartingPoint;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import dev.millrace.testkit.wire.EventMessage;
import dev.millrace.testkit.wire.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** SubscribeToShard: one subscription for each consumer and shard. Thread-safe. */
public final class Subscriptions {

    /** Where the messages of a subscription go. Called on the subscription's thread. */
    public interface Sink {

        /** The subscription is accepted. */
        void begin() throws IOException;

        /** @throws IOException when the subscriber is gone */
        void send(Payload message) throws IOException;

        void end() throws IOException;
    }

    /** Far below what one message may have: 16 MiB with a record of 10 MiB in base64. */
    private static final long MOST_BYTES_IN_EVENT = 1024 * 1024;

    private static final int MOST_RECORDS_IN_EVENT = 10_000;

    private record Key(String consumerArn, String shardId) {}

    /** @param begun {@link System#nanoTime()} */
    private record Subscription(Key key, long begun) {}

    private final Service service;
    private final Map<Key, Subscription> active = new ConcurrentHashMap<>();

    public Subscriptions(Service service) {
        this.service = service;
    }

    /**
     * Sends records to the sink until the shard or the subscription's life ends.
     *
     * @throws Refusal before the sink was told to begin
     */
    public void subscribe(Request request, Protocol protocol, Sink sink) throws IOException, InterruptedException {
        String arn = request.requiredText("ConsumerARN");
        DataStream stream = service.account().stream(arn);
        Consumer consumer =
                stream.consumers().find(arn).orElseThrow(() -> Refusal.notFound("Consumer " + arn + " not found."));
        String shardId = request.requiredText("ShardId");
        Request position = request.requiredObject("StartingPosition");
        StartingPoint point = RecordOperations.startingPoint(position, position.requiredText("Type"), "SequenceNumber");
        long index = stream.locate(shardId, point, false);
        Subscription subscription = admit(new Key(consumer.arn(), shardId));
        sink.begin();
        sink.send(EventMessage.event("initial-response", protocol, Answer.EMPTY));
        run(new Run(subscription, stream, protocol, sink), index);
    }

    private Subscription admit(Key key) {
        Subscription admitted = new Subscription(key, System.nanoTime());
        long pause = service.settings().resubscribePause().toNanos();
        active.compute(key, (_, former) -> {
            if (former != null && admitted.begun() - former.begun() < pause) {
                throw Refusal.inUse("Another active subscription exists for this consumer: " + key.consumerArn() + ", "
                        + key.shardId());
            }
            return admitted;
        });
        return admitted;
    }

    private record Run(Subscription subscription, DataStream stream, Protocol protocol, Sink sink) {

        String shardId() {
            return subscription.key().shardId();
        }
    }

    private void run(Run run, long from) throws IOException, InterruptedException {
        long index = from;
        try {
            for (Duration left = left(run); left.isPositive(); left = left(run)) {
                requireActive(run);
                ReadResult read =
                        run.stream().read(run.shardId(), index, MOST_RECORDS_IN_EVENT, MOST_BYTES_IN_EVENT, false);
                run.sink().send(event(run, read));
                if (read.atEnd()) {
                    break;
                }
                index = read.next();
                Duration heartbeat = service.settings().heartbeat();
                run.stream().await(run.shardId(), index, left.compareTo(heartbeat) < 0 ? left : heartbeat);
            }
        } catch (Refusal e) {
            run.sink()
                    .send(EventMessage.exception(
                            e.code(), run.protocol(), fields -> fields.text("message", e.explanation())));
        }
        run.sink().end();
    }

    private void requireActive(Run run) {
        Key key = run.subscription().key();
        if (run.stream().consumers().find(key.consumerArn()).isEmpty()) {
            throw Refusal.notFound("Consumer " + key.consumerArn() + " not found.");
        }
        if (!run.subscription().equals(active.get(key))) {
            throw Refusal.inUse("Another subscription of this consumer has taken over: " + key.consumerArn() + ", "
                    + key.shardId());
        }
    }

    private Duration left(Run run) {
        return service.settings()
                .subscriptionLife()
                .minusNanos(System.nanoTime() - run.subscription().begun());
    }

    private static Payload event(Run run, ReadResult read) {
        return EventMessage.event("SubscribeToShardEvent", run.protocol(), fields -> {
            fields.objects("Records", read.records(), Shapes::record);
            fields.number("MillisBehindLatest", read.behind().toMillis());
            if (read.atEnd()) {
                fields.objects("ChildShards", run.stream().children(run.shardId()), Shapes::child);
            } else {
                fields.text("ContinuationSequenceNumber", run.stream().numberBefore(run.shardId(), read.next()));
            }
        });
    }
}
