package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.coordination.Placement.Hold;
import dev.millrace.source.StreamShard;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalPlacementTest {

    private static final StreamShard SHARD = new StreamShard("shard-0", List.of(), false);

    private final List<Hold> assigned = new ArrayList<>();
    private final LocalPlacement placement = new LocalPlacement();

    @Test
    void assignsAShardOnceHoweverOftenItIsOffered() {
        placement.begin(Instant.EPOCH, assigned::add);

        placement.offer(List.of(SHARD));
        placement.offer(List.of(SHARD));

        assertThat(assigned).hasSize(1);
    }

    @Test
    void assignsAShardAgainThatHasEndedAndIsOffered() {
        placement.begin(Instant.EPOCH, assigned::add);
        placement.offer(List.of(SHARD));

        assigned.getFirst().ended();
        placement.offer(List.of(SHARD));

        assertThat(assigned).hasSize(2);
    }
}
