package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.source.StreamShard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnownShardsTest {

    private final MemoryStream stream = new MemoryStream();
    private Instant now = Instant.parse("2026-05-01T00:00:00Z");
    private final KnownShards known = new KnownShards(
            TestParts.of(
                    stream, StartingPosition.TRIM_HORIZON, null, new HeldFunction(), new RecordedNotes(), () -> now),
            new MemoryStore());

    private void listed() throws Exception {
        known.listed(stream.shards(), stream.describe().ended() == null);
    }

    /** Its records are long gone, and the source does not list it any more. */
    @Test
    void aFinishedShardThatAnotherNodeHasForgottenDoesNotBeginAnew() throws Exception {
        MemoryStore store = new MemoryStore();
        KnownShards shared = new KnownShards(
                TestParts.of(
                        stream,
                        StartingPosition.TRIM_HORIZON,
                        null,
                        new HeldFunction(),
                        new RecordedNotes(),
                        () -> now),
                store);
        stream.shard("a");
        stream.shard("b", "a");
        stream.close("a", "b");
        shared.load(stream.describe(), stream.shards(), stream::latest);
        shared.listed(stream.shards(), true);
        store.save(TestParts.MAPPING, "a", TestParts.FINISHED);
        assertThat(shared.reload(Set.of())).isTrue();
        shared.listed(stream.shards(), true);
        assertThat(shared.ready(Set.of())).extracting(StreamShard::shardId).containsExactly("b");

        store.forget(TestParts.MAPPING, Set.of("a"));
        stream.forget("a");
        assertThat(shared.reload(Set.of())).isTrue();
        shared.listed(stream.shards(), true);
        assertThat(shared.ready(Set.of())).extracting(StreamShard::shardId).containsExactly("b");
    }

    /** Such as at a large table of which many nodes ask. */
    @Test
    void asLongAsALookHasTakenNothingAsksForAnother() {
        Instant began = now;
        assertThat(known.nextLook()).isEqualTo(Instant.MIN);
        now = began.plusSeconds(7);
        known.looked(began);

        assertThat(known.nextLook()).isEqualTo(began.plusSeconds(14));
    }

    @Test
    void looksSoonerWhileAListingLeavesOutAChild() throws Exception {
        Duration regular = Duration.ofSeconds(60);
        stream.shard("a");
        known.load(stream.describe(), stream.shards(), stream::latest);
        listed();
        assertThat(known.untilLook(regular)).isEqualTo(regular);

        stream.close("a");
        listed();
        List<Long> seconds = new ArrayList<>();
        for (int look = 0; look < 8; look++) {
            Duration next = known.untilLook(regular);
            seconds.add(next.toSeconds());
            now = now.plus(next);
            listed();
        }
        assertThat(seconds).containsExactly(1L, 1L, 2L, 4L, 8L, 16L, 32L, 60L);

        stream.shard("b", "a");
        listed();
        assertThat(known.untilLook(regular)).isEqualTo(regular);
    }

    /** A listing may leave a shard out for seconds, and nobody has named this one otherwise. */
    @Test
    void aStreamIsDoneWhenListingsHaveNamedNothingMoreForAWhile() throws Exception {
        stream.shard("a");
        stream.shard("b");
        stream.leaveOut("b");
        known.load(stream.describe(), stream.shards(), stream::latest);
        listed();
        assertThat(known.untilDone(Set.of())).as("a may begin").isNull();
        known.begun("a");
        assertThat(known.untilDone(Set.of("a"))).as("a runs").isNull();
        known.finished("a", TestParts.FINISHED, stream.shards());

        assertThat(known.untilDone(Set.of())).isEqualTo(KnownShards.DONE_FOR);
        now = now.plus(KnownShards.DONE_FOR).minusMillis(1);
        listed();
        assertThat(known.untilDone(Set.of())).isEqualTo(Duration.ofMillis(1));
        stream.listAgain("b");
        listed();
        assertThat(known.untilDone(Set.of())).as("b may begin").isNull();

        known.begun("b");
        known.finished("b", TestParts.FINISHED, stream.shards());
        assertThat(known.untilDone(Set.of())).isEqualTo(KnownShards.DONE_FOR);
        now = now.plus(KnownShards.DONE_FOR);
        listed();
        assertThat(known.untilDone(Set.of())).isZero();
    }
}
