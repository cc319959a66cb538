package dev.millrace.kinesis;

import static dev.millrace.testkit.kinesis.KinesisCalls.GET_RECORDS;
import static dev.millrace.testkit.kinesis.KinesisCalls.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import dev.millrace.aws.stream.ShardAnswer;
import dev.millrace.filter.RecordFilter;
import dev.millrace.invoke.Payload;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceException;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.kinesis.KinesisFault;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.kinesis.model.StoredRecord;
import io.netty.channel.Channel;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Enhanced fan-out as AWS offers it: subscriptions share a connection of HTTP/2, where each is a stream of its own. */
class FanOutByHttp2Test {

    private static final ReadPosition OLDEST = new ReadPosition.TrimHorizon();
    private static final String FIRST = "shardId-000000000000";
    private static final String SECOND = "shardId-000000000001";
    private static final int MEBIBYTE = 1024 * 1024;

    private final KinesisServer server = KinesisServer.start();
    private final Http2Front front = new Http2Front(server.endpoint());
    private final KinesisStreams streams = new KinesisStreams(server.endpoint());
    private final TestStream stream = server.stream("orders", 2);
    private final String consumer = streams.consumer("orders");
    private final SharedCredentials credentials =
            SharedCredentials.open(new ServicePlace("Kinesis", "us-east-1", server.endpoint()));
    private final KinesisClient client = ServiceClients.setUp(
                    KinesisClient.builder(), address(server.endpoint()).place(), credentials, 10)
            .build();
    private final SubscriptionClient subscriber =
            SubscriptionClient.open(address(front.endpoint()).place(), false, credentials);

    /** Real time, and what a test has added to it. */
    private final AtomicLong ahead = new AtomicLong();

    private final List<Reading> readings = List.of(new Reading(FIRST), new Reading(SECOND));
    private final Reading first = readings.getFirst();
    private final Reading second = readings.getLast();

    private StreamAddress address(URI endpoint) {
        return ScriptedKinesis.address(consumer, endpoint.toString());
    }

    /** The reader of a shard and what it has read. */
    private final class Reading {
        private final String shardId;
        private final FanOutShardReader reader;
        private final List<String> read = new ArrayList<>();
        private ReadPosition position = OLDEST;

        Reading(String shardId) {
            StreamAddress direct = address(server.endpoint());
            ShardRecords records = new ShardRecords(
                    KinesisRecordJson.of(direct.source(), "us-east-1", "role").forShard(shardId),
                    RecordFilter.NONE,
                    Keying.UNPACKED);
            this.shardId = shardId;
            this.reader = new FanOutShardReader(
                    direct,
                    shardId,
                    records,
                    subscriber::subscribe,
                    new KinesisShard(new KinesisCalls(client, direct), shardId, records).reader(System::nanoTime),
                    new FanOutShardReader.Timing(() -> System.nanoTime() + ahead.get(), Duration.ofSeconds(2)));
        }

        ShardRead once() throws InterruptedException {
            try {
                ShardRead answer = reader.read(position, 1);
                answer.records()
                        .forEach(record -> read.add(record.sequenceNumber().digits()));
                position = ShardAnswer.after(position, answer);
                return answer;
            } catch (SourceException e) {
                // A stream or a connection that was broken off is told, and read on.
                return new ShardRead(List.of(), null, null);
            }
        }

        void put(int count, int bytes) {
            for (int i = 0; i < count; i++) {
                stream.putOn(shardId, "k", Payload.of(new byte[bytes]));
            }
        }

        void putAndRead(int count) throws InterruptedException {
            put(count, 100);
            assertComplete();
        }

        void assertComplete() throws InterruptedException {
            List<String> all = stream.records(shardId).stream()
                    .map(StoredRecord::sequenceNumber)
                    .toList();
            while (read.size() < all.size()) {
                once();
            }
            assertThat(read).isEqualTo(all);
        }
    }

    @AfterEach
    void close() {
        readings.forEach(reading -> reading.reader.close());
        subscriber.close();
        client.close();
        credentials.close();
        front.close();
        streams.close();
        server.close();
    }

    /** So that nothing but subscriptions brings records. */
    private void onlySubscriptions() {
        server.configure(settings -> settings.withResubscribePause(Duration.ZERO));
        server.faults().at(GET_RECORDS).always(KinesisFault.throttled());
    }

    private void readAfterBreaks(int subscriptions) throws InterruptedException {
        first.put(3, 100);
        second.put(3, 100);
        while (server.calls().count(SUBSCRIBE) < subscriptions) {
            ahead.addAndGet(Duration.ofSeconds(10).toNanos());
            first.once();
            second.once();
        }
        first.assertComplete();
        second.assertComplete();
    }

    @Test
    void shardsShareAConnectionAndEndWithTheEventThatSaysSo() throws Exception {
        onlySubscriptions();
        first.putAndRead(20);
        second.putAndRead(20);
        assertThat(front.connections).hasSize(1);

        List<String> children = stream.split(FIRST);
        ShardRead last = first.once();
        while (!last.atEnd()) {
            last = first.once();
        }

        assertThat(last.children()).extracting(child -> child.shardId()).containsExactlyInAnyOrderElementsOf(children);
        second.putAndRead(5);
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(2);
    }

    @Test
    void aStreamThatIsResetIsSubscribedAnewOnTheSameConnection() throws Exception {
        onlySubscriptions();
        first.putAndRead(3);
        second.putAndRead(3);

        front.answers.getFirst().reset();
        readAfterBreaks(3);

        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(3);
        assertThat(front.connections).hasSize(1);
    }

    @Test
    void aSubscriptionThatIsGivenUpLeavesTheOthersAlone() throws Exception {
        onlySubscriptions();
        first.putAndRead(3);
        second.putAndRead(3);

        first.reader.close();
        Eventually.until(
                "it is given up", () -> !front.answers.getFirst().stream().isActive());
        second.putAndRead(5);

        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(2);
        assertThat(front.connections).hasSize(1);
    }

    @Test
    void aConnectionThatGoesAwayIsLeftForAnother() throws Exception {
        onlySubscriptions();
        first.putAndRead(3);
        second.putAndRead(3);

        Channel old = front.connections.getFirst();
        front.goAway(old);
        second.putAndRead(3);
        front.answers.getFirst().reset();
        readAfterBreaks(3);
        assertThat(front.connections).as("connections for what begins").hasSize(2);

        old.close().syncUninterruptibly();
        readAfterBreaks(4);
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(4);
        assertThat(front.connections).hasSize(2);
    }

    /** Events of 1 MiB are pushed: two of them are in memory, and as much as HTTP/2's window has on the way. */
    @Test
    void aShardThatIsNotReadHoldsBackItselfAndNoOther() throws Exception {
        onlySubscriptions();
        first.put(20, MEBIBYTE);
        first.once();
        Eventually.until("it is held back", () -> front.answers.getFirst().isHeldBack());

        second.put(20, MEBIBYTE);
        second.assertComplete();

        assertThat(front.answers.getFirst().isHeldBack()).isTrue();
        assertThat(front.answers.getFirst().sentBytes().get()).isLessThan(4 * MEBIBYTE);
        first.assertComplete();
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(2);
        assertThat(front.connections).hasSize(1);
    }

    /** The SDK's own limit, which would end the connection and so the subscriptions of all shards, is 10 s. */
    @Test
    void aShardThatIsNotReadForLongKeepsItsSubscription() throws Exception {
        onlySubscriptions();
        server.configure(settings -> settings.withHeartbeat(Duration.ofSeconds(1)));
        first.put(8, MEBIBYTE);
        first.once();
        for (int heartbeats = 0; heartbeats < 12; heartbeats++) {
            second.once();
        }

        first.assertComplete();
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(2);
        assertThat(front.connections).hasSize(1);
    }
}
