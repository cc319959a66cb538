package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.kinesis.lifecycle.events.InitializationInput;

class HeldLeaseTest {

    private static final String SHARD = "shard-0";

    private final TestRuns runs = new TestRuns();
    private final List<HeldLease> ended = new ArrayList<>();
    private final HeldLease.Terms terms = new HeldLease.Terms(
            "leases",
            Duration.ofSeconds(3),
            Duration.ofSeconds(3),
            new Renewals(() -> 0),
            () -> Instant.EPOCH,
            ended::add);

    private HeldLease lease() {
        return new HeldLease(SHARD, runs, terms);
    }

    private void begin(HeldLease lease) {
        lease.initialize(InitializationInput.builder().build());
    }

    /** Another node, which did not know that it had lost the lease, claimed the shard. */
    @Test
    void claimsAShardAgainThatEndsWhileTheLeaseStands() {
        begin(lease());

        runs.end(SHARD);

        assertThat(runs.assigned()).containsExactly(SHARD, SHARD);
        assertThat(ended).isEmpty();
    }

    /** Else it would take the place of the newer one, and end because it does not stand: nothing would run. */
    @Test
    void leavesTheShardToANewerHolderOfThisNode() {
        HeldLease old = lease();
        begin(old);
        HeldLease newer = lease();

        runs.end(SHARD);

        assertThat(runs.assigned()).containsExactly(SHARD);
        assertThat(ended).containsExactly(old);
        begin(newer);
        runs.end(SHARD);
        assertThat(runs.assigned()).containsExactly(SHARD, SHARD, SHARD);
    }
}
