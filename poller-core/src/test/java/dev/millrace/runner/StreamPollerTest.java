package dev.millrace.runner;

import static dev.millrace.runner.TestParts.MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.coordination.Coordination;
import dev.millrace.coordination.Placement;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamSource;
import dev.millrace.stream.ShardSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamPollerTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final MemoryStream stream = new MemoryStream();
    private Supplier<Placement> placement = LocalPlacement::new;
    private StreamSource source = stream;
    private final MemoryStore store = new MemoryStore();
    private final HeldFunction function = new HeldFunction();
    private final RecordedNotes notes = new RecordedNotes();
    private final MonotonicClock clock = new MonotonicClock();
    private final List<StreamPoller> pollers = new ArrayList<>();

    @AfterEach
    void end() {
        pollers.forEach(StreamPoller::kill);
    }

    @Test
    void processesAShardThenItsChildren() throws Exception {
        stream.shard("a");
        stream.shard("b", "a");
        stream.shard("c", "b");
        stream.put("c", "k", "3");
        stream.put("b", "k", "2");
        stream.put("a", "k", "1");
        stream.close("a", "b");
        stream.close("b", "c");

        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(3)).containsExactly(event(1), event(2), event(3));
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("a SHARD_END");
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("b SHARD_END");
    }

    @Test
    void waitsForBothParentsOfAMerge() throws Exception {
        stream.shard("a");
        stream.shard("b");
        stream.shard("merged", "a", "b");
        stream.put("merged", "k", "2");
        stream.close("a", "merged");

        start(StartingPosition.TRIM_HORIZON);
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("a SHARD_END");
        assertThat(function.events.poll(100, TimeUnit.MILLISECONDS))
                .as("one parent is open")
                .isNull();
        stream.close("b", "merged");

        assertThat(invoked(1)).containsExactly(event(2));
    }

    @Test
    void waitsForAParentThatIsYoungerThanTheListing() throws Exception {
        stream.shard("a");
        stream.shard("slow");
        stream.put("slow", "k", "1");
        function.mayEnd = new CountDownLatch(1);
        start(StartingPosition.TRIM_HORIZON);
        assertThat(invoked(1)).containsExactly(event(1));

        stream.shard("b", "slow");
        stream.shard("rest", "slow");
        stream.shard("merged", "a", "b");
        stream.put("b", "k", "2");
        stream.put("merged", "k", "3");
        stream.close("slow", "b", "rest");
        stream.close("b", "merged");
        stream.close("a", "merged");
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("a SHARD_END");
        assertThat(function.events.poll(200, TimeUnit.MILLISECONDS))
                .as("the other parent has not begun")
                .isNull();
        function.mayEnd.countDown();

        assertThat(invoked(2)).containsExactly(event(2), event(3));
    }

    @Test
    void goesOnWhereItStoppedAndRepeatsNothing() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        StreamPoller first = start(StartingPosition.TRIM_HORIZON);
        assertThat(invoked(1)).containsExactly(event(1));

        first.stop(clock.instant().plus(SOON));
        assertThat(first.awaitEnd(SOON)).isTrue();
        stream.put("a", "k", "2");
        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(2));
    }

    @Test
    void latestMeansTheTimeOfCreationAlsoAfterARestart() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        StreamPoller first = start(StartingPosition.LATEST);
        assertThat(notes.notes.poll(20, TimeUnit.SECONDS)).startsWith("Created: starts at LATEST");
        first.kill();
        assertThat(first.awaitEnd(SOON)).isTrue();

        stream.put("a", "k", "2");
        start(StartingPosition.LATEST);

        assertThat(invoked(1)).containsExactly(event(2));
    }

    @Test
    void aStreamThatWasCreatedAnewStartsAtItsOldestRecord() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        StreamPoller first = start(StartingPosition.LATEST);
        assertThat(notes.notes.poll(20, TimeUnit.SECONDS)).startsWith("Created");
        first.stop(clock.instant().plus(SOON));
        assertThat(first.awaitEnd(SOON)).isTrue();

        stream.recreate();
        stream.put("a", "k", "7");
        start(StartingPosition.LATEST);

        assertThat(invoked(1)).containsExactly(event(7));
        assertThat(notes.notes.poll(20, TimeUnit.SECONDS)).contains("created anew");
    }

    @Test
    void aStreamIntoWhichNothingComesAnyMoreIsReadToItsEndAndTold() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        stream.close("a");
        stream.end("it was disabled");

        StreamPoller poller = start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("a SHARD_END");
        assertThat(notes.notes.poll(20, TimeUnit.SECONDS)).startsWith("Created");
        assertThat(notes.notes.poll(20, TimeUnit.SECONDS)).isEqualTo("StreamEnded: it was disabled");
        assertThat(poller.snapshot().coordination().trouble())
                .isEqualTo(new Coordination.Trouble("stream ended", "it was disabled"));
        assertThat(poller.snapshot().healthy()).isFalse();
        assertThat(notes.notes).as("told once").isEmpty();
    }

    // ---- one stream after the other ----

    private static final String NAME = MemoryStreams.NAME;

    /** A stream of the same table with a record on a shard of the same id as the others'. */
    private static MemoryStream stream(int number, String json) {
        MemoryStream stream = new MemoryStream(NAME + number, MemoryStream.CREATED.plusSeconds(number));
        stream.shard("a");
        stream.put("a", "k", json);
        return stream;
    }

    /** What comes in while nothing is polled is on a stream of which the mapping has not heard. */
    @Test
    void whatAnEndedStreamStillHasIsProcessedBeforeTheOneThatFollowsIt() throws Exception {
        MemoryStream old = stream(1, "1");
        MemoryStreams both = new MemoryStreams(old);
        source = both;
        processOneRecordAndStop();
        old.put("a", "k", "2");
        old.close("a");
        old.end("it was disabled");
        MemoryStream next = stream(2, "7");

        source = new MemoryStreams(old, next);
        start(StartingPosition.LATEST);

        assertThat(invoked(2)).containsExactly(event(2), event(7));
        next.put("a", "k", "8");
        assertThat(invoked(1)).containsExactly(event(8));
        assertThat(store.load(MAPPING).orElseThrow().eventSourceArn()).isEqualTo(NAME + 2);
        assertThat(notes.notes).last().asString().contains(NAME + "2 follows " + NAME + "1");
    }

    /** It was disabled more than a day ago, and what it had cannot be read any more. */
    @Test
    void tellsAGapOfEachShardOfAForgottenStreamThatWasNotProcessedToItsEnd() throws Exception {
        settledBefore(NAME + 1, "1");
        source = new MemoryStreams(stream(2, "7"));
        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(7));
        assertThat(notes.gaps).containsExactly("a");
        assertThat(notes.notes).last().asString().contains(NAME + "2 follows " + NAME + "1");
    }

    @Test
    void aStreamIsFollowedWithoutARestart() throws Exception {
        MemoryStream old = stream(1, "1");
        MemoryStreams both = new MemoryStreams(old);
        source = both;
        start(StartingPosition.TRIM_HORIZON);
        assertThat(invoked(1)).containsExactly(event(1));
        both.add(stream(2, "7"));
        old.put("a", "k", "2");
        old.end("it was disabled");
        // Its end makes the coordinator look.
        old.close("a");

        assertThat(invoked(2)).containsExactly(event(2), event(7));
    }

    @Test
    void aStreamOfTheSameNameInAnotherRegionIsAnotherStream() throws Exception {
        settledBefore("arn:aws:kinesis:eu-west-1:000000000000:stream/s", "1");
        stream.shard("a");
        stream.put("a", "k", "1");
        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
    }

    /** Of another stream the positions mean nothing, and its records are wanted from the mapping's starting position on. */
    @Test
    void aMappingThatIsGivenAnotherStreamStartsAtItsStartingPosition() throws Exception {
        settledBefore("arn:aws:kinesis:us-east-1:000000000000:stream/before", "5");
        stream.shard("a");
        stream.put("a", "k", "1");
        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.notes.poll(20, TimeUnit.SECONDS))
                .contains("instead of arn")
                .contains("stream/before");
    }

    /** Its consumer for enhanced fan-out, or the account as an emulator knows it, may change. */
    @Test
    void aMappingThatIsGivenAnotherSpellingOfItsStreamGoesOn() throws Exception {
        settledBefore("arn:aws:kinesis:us-east-1:111111111111:stream/s/consumer/c:1", "1");
        stream.shard("a");
        stream.put("a", "k", "1");
        stream.put("a", "k", "2");
        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(2));
    }

    @Test
    void aStreamThatIsCreatedAnewWhileItIsPolledStartsAtItsOldestRecordWhenWhatRunsHasEnded() throws Exception {
        stream.shard("a");
        stream.shard("ends");
        stream.put("a", "k", "1");
        function.mayEnd = new CountDownLatch(1);
        start(StartingPosition.TRIM_HORIZON);
        assertThat(invoked(1)).containsExactly(event(1));

        stream.recreate();
        stream.put("a", "k", "7");
        // The end of a shard that names no children makes the coordinator look.
        stream.close("ends");
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("ends SHARD_END");
        assertThat(function.events)
                .as("while an invocation of the old stream runs")
                .isEmpty();
        function.mayEnd.countDown();

        assertThat(invoked(1)).containsExactly(event(7));
        assertThat(notes.notes).last().asString().contains("created anew");
        stream.put("a", "k", "8");
        assertThat(invoked(1)).containsExactly(event(8));
    }

    @Test
    void tellsAGapWhereAShardBeginsTooLateForItsFirstRecords() throws Exception {
        stream.keepFor(Duration.ofMillis(500));
        stream.shard("parent");
        stream.shard("child", "parent");
        stream.put("parent", "k", "1");
        stream.close("parent", "child");
        function.mayEnd = new CountDownLatch(1);
        start(StartingPosition.TRIM_HORIZON);
        invoked(1);

        Instant blocked = clock.instant().plusSeconds(1);
        while (clock.instant().isBefore(blocked)) {
            assertThat(notes.ended.poll(100, TimeUnit.MILLISECONDS)).isNull();
        }
        function.mayEnd.countDown();

        assertThat(notes.gaps.poll(20, TimeUnit.SECONDS)).isEqualTo("child");
    }

    /** What was gone when the mapping was created is no gap. */
    @Test
    void startsAtTheOldestRecordWithoutAGapWhereTheStartingTimeIsBeforeIt() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");

        start(StartingPosition.AT_TIMESTAMP, Instant.EPOCH);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.gaps).isEmpty();
    }

    @Test
    void finishesWhatIsInFlightBeforeItEnds() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        function.mayEnd = new CountDownLatch(1);
        StreamPoller poller = start(StartingPosition.TRIM_HORIZON);
        invoked(1);

        poller.stop(clock.instant().plus(SOON));
        assertThat(poller.awaitEnd(Duration.ofMillis(200)))
                .as("an invocation is in flight")
                .isFalse();
        function.mayEnd.countDown();

        assertThat(poller.awaitEnd(SOON)).isTrue();
        assertThat(position("a")).isEqualTo("1");
    }

    @Test
    void interruptsWhatIsInFlightAtTheDeadlineAndDoesNotCountItAsDone() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        function.mayEnd = new CountDownLatch(1);
        StreamPoller poller = start(StartingPosition.TRIM_HORIZON);
        invoked(1);

        poller.stop(clock.instant().plusMillis(100));

        assertThat(poller.awaitEnd(SOON)).isTrue();
        assertThat(function.interrupted).isTrue();
        assertThat(position("a")).isEqualTo("null");
    }

    @Test
    void aSourceThatDoesNotAnswerDoesNotDelayAStop() throws Exception {
        stream.shard("a");
        stream.mayDescribe = new CountDownLatch(1);
        StreamPoller poller = start(StartingPosition.TRIM_HORIZON);
        assertThat(stream.describing.await(20, TimeUnit.SECONDS)).isTrue();

        poller.stop(clock.instant().plus(SOON));

        assertThat(poller.awaitEnd(Duration.ofSeconds(5))).isTrue();
        assertThat(poller.alive()).as("it has ended as asked").isTrue();
    }

    @Test
    void aDefectStopsOneShardForAMomentOnly() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        stream.defects.set(1);

        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.crashes).containsExactly("a");
        assertThat(stream.closedReaders()).as("the dead runner's").isEqualTo(1);
    }

    /** Such as a class that the SDK misses: the shards that run would go on, and their children would never begin. */
    @Test
    void anErrorStopsTheLookingForShardsForAMomentOnly() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        stream.errors.set(1);

        StreamPoller poller = start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.crashes).containsExactly("null");
        assertThat(poller.alive()).isTrue();
    }

    @Test
    void placesShardsAlsoWhereThatDidNotWorkAtFirst() throws Exception {
        placement = LatePlacement::new;
        stream.shard("a");
        stream.put("a", "k", "1");

        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.troubles).containsExactly("no table yet");
    }

    @Test
    void waitsForTheStoreAndForAListing() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        stream.failingListings.set(1);
        store.failures.set(1);

        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
        assertThat(notes.troubles).containsExactly("the disk is full", "no listing");
    }

    @Test
    void aShardThatTheSourceHasForgottenDoesNotHoldItsChildrenBack() throws Exception {
        stream.shard("child", "forgotten");
        stream.put("child", "k", "1");

        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(1)).containsExactly(event(1));
    }

    @Test
    void aParentThatAListingLeavesOutIsReadToItsEndBeforeItsChildren() throws Exception {
        stream.shard("a");
        stream.shard("b", "a");
        stream.put("a", "k", "1");
        processOneRecordAndStop();

        stream.put("a", "k", "2");
        stream.put("b", "k", "3");
        stream.close("a", "b");
        stream.leaveOut("a");
        start(StartingPosition.TRIM_HORIZON);

        assertThat(invoked(2)).containsExactly(event(2), event(3));
        assertThat(notes.gaps).isEmpty();
    }

    @Test
    void aParentThatNobodyHasNamedYetIsReadToItsEndBeforeItsChildren() throws Exception {
        stream.shard("a");
        stream.shard("b", "a");
        stream.shard("c", "b");
        stream.put("a", "k", "1");
        processOneRecordAndStop();

        stream.put("a", "k", "2");
        stream.put("b", "k", "3");
        stream.put("c", "k", "4");
        stream.close("a");
        stream.close("b", "c");
        stream.leaveOut("b");
        start(StartingPosition.TRIM_HORIZON);
        assertThat(invoked(1)).containsExactly(event(2));
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).startsWith("a");
        assertThat(notes.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("a SHARD_END");
        stream.listAgain("b");

        assertThat(invoked(2)).containsExactly(event(3), event(4));
    }

    @Test
    void showsItsShards() throws Exception {
        stream.shard("a");
        stream.put("a", "k", "1");
        function.mayEnd = new CountDownLatch(1);
        StreamPoller poller = start(StartingPosition.TRIM_HORIZON);
        invoked(1);

        ShardSnapshot shard = Objects.requireNonNull(poller.snapshot().shards().get("a"));

        assertThat(shard.lanes())
                .singleElement()
                .satisfies(lane -> assertThat(lane.activity()).isEqualTo(ShardSnapshot.Activity.INVOKING));
        assertThat(shard.heldRecords()).isEqualTo(1);
        assertThat(poller.alive()).isTrue();
        function.mayEnd.countDown();
    }

    private void settledBefore(String arn, String position) throws Exception {
        ShardCheckpoint checkpoint = new ShardCheckpoint(SequenceNumber.of(position), null, List.of());
        ShardProgress shard = new ShardProgress(new ReadPosition.TrimHorizon(), checkpoint, null, false);
        store.create(
                MAPPING,
                new MappingProgress(arn, MemoryStream.CREATED, MemoryStream.CREATED, Map.of("a", shard)),
                null);
    }

    private String position(String shardId) throws Exception {
        return String.valueOf(Objects.requireNonNull(
                        store.load(MAPPING).orElseThrow().shards().get(shardId))
                .checkpoint()
                .position());
    }

    private static String event(int record) {
        return "{\"Records\":[" + record + "]}";
    }

    private List<String> invoked(int count) throws InterruptedException {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(String.valueOf(function.events.poll(20, TimeUnit.SECONDS)));
        }
        return events;
    }

    private void processOneRecordAndStop() throws InterruptedException {
        StreamPoller first = start(StartingPosition.TRIM_HORIZON);
        assertThat(invoked(1)).containsExactly(event(1));
        first.stop(clock.instant().plus(SOON));
        assertThat(first.awaitEnd(SOON)).isTrue();
    }

    private StreamPoller start(StartingPosition position) {
        return start(position, null);
    }

    private StreamPoller start(StartingPosition position, @Nullable Instant timestamp) {
        StreamParts parts = TestParts.of(source, position, timestamp, function, notes, clock);
        StreamPoller poller = new StreamPoller(parts, new StreamCoordinator(parts, store, placement.get()), 1 << 20);
        pollers.add(poller);
        poller.start();
        return poller;
    }
}
