package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.coordination.Placement.Assignments;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.source.StreamSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that share a mapping. */
class SharedStreamTest {

    private static final Duration SELDOM = Duration.ofMinutes(1);
    private static final Duration OFTEN = Duration.ofMillis(100);

    private final FencedStore.Shared shared = new FencedStore.Shared();
    private final MonotonicClock clock = new MonotonicClock();
    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(node -> node.poller.kill());
    }

    private final class Node {

        final HeldFunction function = new HeldFunction();
        final RecordedNotes notes = new RecordedNotes();
        final TestPlacement placement;
        final StreamPoller poller;

        Node(String name, StreamSource source, StartingPosition position, Duration look) {
            placement = new TestPlacement(look);
            StreamParts parts = TestParts.of(source, position, null, function, notes, clock);
            poller = new StreamPoller(
                    parts, new StreamCoordinator(parts, new FencedStore(shared, name), placement), 1 << 20);
            nodes.add(this);
            poller.start();
        }

        Assignments begun() throws InterruptedException {
            return next(placement.begun);
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        @Nullable T next = queue.poll(20, TimeUnit.SECONDS);
        return Objects.requireNonNull(next, "nothing came within 20 s");
    }

    private static MemoryStream stream(String name) {
        MemoryStream stream =
                new MemoryStream("arn:aws:kinesis:us-east-1:000000000000:stream/" + name, MemoryStream.CREATED);
        stream.shard("a");
        return stream;
    }

    private static String event(int record) {
        return "{\"Records\":[" + record + "]}";
    }

    /** A definition with a UUID of its own is given another stream, and one node reads that before the other does. */
    @Test
    void aNodeThatStillHasTheOldStreamDoesNotTakeTheNewOneAway() throws Exception {
        MemoryStream before = stream("before");
        MemoryStream now = stream("now");
        Node late = new Node("late", before, StartingPosition.LATEST, OFTEN);
        late.begun();
        Node early = new Node("early", now, StartingPosition.LATEST, SELDOM);
        early.placement.assign("a", early.begun());
        now.put("a", "k", "1");
        assertThat(next(early.function.events)).isEqualTo(event(1));

        assertThat(next(late.notes.troubles)).contains("another node has given mapping", "stream/now");
        now.put("a", "k", "2");
        assertThat(next(early.function.events)).isEqualTo(event(2));
        assertThat(shared.store().load(TestParts.MAPPING).orElseThrow().eventSourceArn())
                .isEqualTo(now.arn());
    }

    /** It does not know yet that its lease has run out, and its save is refused. */
    @Test
    void aNodeThatWasFrozenDoesNotTakeTheShardFromTheOneThatHasItsLease() throws Exception {
        MemoryStream stream = stream("s");
        stream.put("a", "k", "1");
        Node frozen = new Node("frozen", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        frozen.function.mayEnd = new CountDownLatch(1);
        frozen.placement.assign("a", frozen.begun());
        assertThat(next(frozen.function.events)).isEqualTo(event(1));
        frozen.placement.certain = false;

        Node other = new Node("other", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        other.placement.assign("a", other.begun());
        assertThat(next(other.function.events)).isEqualTo(event(1));
        frozen.function.mayEnd.countDown();
        assertThat(next(frozen.notes.ended)).isEqualTo("a LEASE_LOST");

        frozen.placement.asked.drainPermits();
        assertThat(frozen.placement.asked.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
        assertThat(shared.claims()).containsExactly("frozen", "other");
    }

    /** Else one that ends at once would be taken for one that is not wanted: nothing would run of it, though its lease is kept. */
    @Test
    void aHoldHearsThatItsShardRunsBeforeThatBegins() throws Exception {
        Node node = new Node("node", stream("s"), StartingPosition.TRIM_HORIZON, SELDOM);
        node.placement.certain = false;
        node.placement.hearsFor = Duration.ofMillis(300);

        node.placement.assign("a", node.begun());

        assertThat(next(node.placement.askedTooEarly)).isFalse();
        assertThat(node.placement.asked.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }

    /** The other node has finished its parent too late for its first records, which this one has not heard of. */
    @Test
    void aShardThatIsBornOnAnotherNodeBeginsWithWhatItsParentTells() throws Exception {
        MemoryStream stream = stream("s");
        stream.keepFor(Duration.ofMillis(500));
        stream.shard("child", "a");
        stream.put("a", "k", "1");
        stream.close("a", "child");
        Node other = new Node("other", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        Assignments givenToOther = other.begun();
        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        node.function.mayEnd = new CountDownLatch(1);
        node.placement.assign("a", node.begun());
        assertThat(next(node.function.events)).isEqualTo(event(1));
        Instant blocked = clock.instant().plusSeconds(1);
        while (clock.instant().isBefore(blocked)) {
            assertThat(node.notes.ended.poll(100, TimeUnit.MILLISECONDS)).isNull();
        }
        node.function.mayEnd.countDown();
        assertThat(next(node.notes.ended)).isEqualTo("a SHARD_END");

        other.placement.assign("child", givenToOther);
        assertThat(next(other.notes.gaps)).isEqualTo("child");
    }

    /** Such as by a node that has stored the end, and was killed before it could tell the others that its lease may go. */
    @Test
    void aFinishedShardThatIsAssignedAgainEndsWithoutBeingRead() throws Exception {
        MemoryStream stream = stream("s");
        stream.keepFor(Duration.ofMillis(500));
        stream.put("a", "k", "1");
        stream.close("a");
        Node killed = new Node("killed", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        killed.placement.assign("a", killed.begun());
        assertThat(next(killed.notes.ended)).isEqualTo("a SHARD_END");
        ShardProgress finished = progress("a");
        stream.forget("a");

        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        node.placement.assign("a", node.begun());

        assertThat(next(node.notes.ended)).isEqualTo("a SHARD_END");
        assertThat(progress("a")).isEqualTo(finished);
        assertThat(node.notes.gaps).isEmpty();
        assertThat(node.function.events).isEmpty();
    }

    private ShardProgress progress(String shardId) throws StoreException {
        return Objects.requireNonNull(
                shared.store().load(TestParts.MAPPING).orElseThrow().shards().get(shardId));
    }

    /** Else it would be assigned once more, with nobody who knows that it is finished. */
    @Test
    void aFinishedShardIsRememberedUntilItsLeaseIsGone() throws Exception {
        MemoryStream stream = stream("s");
        stream.keepFor(Duration.ofMillis(1));
        stream.close("a");
        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, OFTEN);
        node.placement.forgets = false;
        node.placement.assign("a", node.begun());
        assertThat(next(node.notes.ended)).isEqualTo("a SHARD_END");
        stream.forget("a");

        assertThat(next(node.notes.troubles)).isEqualTo("no lease can be deleted");
        assertThat(progress("a").finished()).isTrue();
        node.placement.forgets = true;
        assertThat(next(shared.forgotten())).containsExactly("a");
    }

    /** It waits for a look, which dies of a defect. */
    @Test
    void aShardThatIsBornElsewhereBeginsThoughNothingCanBeListed() throws Exception {
        MemoryStream stream = stream("s");
        stream.shard("child", "a");
        stream.put("child", "k", "1");
        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        Assignments assignments = node.begun();
        stream.errors.set(1_000);

        node.placement.assign("child", assignments);

        assertThat(next(node.function.events)).isEqualTo(event(1));
    }

    @Test
    void aShardWhoseStoreDiesOfADefectIsBegunAgainAndThatIsTold() throws Exception {
        MemoryStream stream = stream("s");
        stream.put("a", "k", "1");
        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, SELDOM);
        shared.store().defects.set(1);

        node.placement.assign("a", node.begun());

        assertThat(next(node.notes.crashes)).isEqualTo("a");
        assertThat(next(node.function.events)).isEqualTo(event(1));
    }

    @Test
    void anInterruptThatNobodyAskedForEndsNothing() throws Exception {
        MemoryStream stream = stream("s");
        stream.put("a", "k", "1");
        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, OFTEN);
        Assignments assignments = node.begun();
        node.placement.interrupted.set(1);
        assertThat(next(node.notes.crashes)).isEqualTo("null");

        node.placement.assign("a", assignments);

        assertThat(next(node.function.events)).isEqualTo(event(1));
    }

    @Test
    void aLeaseOfAStreamThatWasDeletedBeginsNoShardOfTheOneThatWasCreatedAnew() throws Exception {
        MemoryStream stream = stream("s");
        Node node = new Node("node", stream, StartingPosition.TRIM_HORIZON, OFTEN);
        Assignments deleted = node.begun();
        stream.recreate();
        Assignments anew = node.begun();
        stream.put("a", "k", "9");

        node.placement.assign("a", deleted);
        assertThat(next(node.placement.unwanted)).isEqualTo("a");
        assertThat(node.function.events).isEmpty();
        node.placement.assign("a", anew);
        assertThat(next(node.function.events)).isEqualTo(event(9));
    }
}
