package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KclPlacementTest {

    private static final Set<String> SHARDS = Set.of("shard-0", "shard-1", "shard-2", "shard-3");

    private final UUID mapping = UUID.randomUUID();
    private final List<TestNode> nodes = new ArrayList<>();

    private TestNode node(String name) throws Exception {
        return node(name, SHARDS);
    }

    private TestNode node(String name, Set<String> ready) throws Exception {
        TestNode node = new TestNode(mapping, name);
        nodes.add(node);
        node.begin();
        node.offer(ready.toArray(String[]::new));
        return node;
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(TestNode::close);
    }

    @Test
    void givesEveryShardToTheOnlyNode() throws Exception {
        TestNode only = node("only");

        Eventually.until("all shards run", () -> only.running().equals(SHARDS));
    }

    @Test
    void sharesShardsWithANodeThatJoinsAndGivesThemToTheOneThatStays() throws Exception {
        TestNode first = node("first");
        Eventually.until("all shards run", () -> first.running().equals(SHARDS));

        TestNode second = node("second");
        Eventually.until(
                "both have half",
                () -> first.running().size() == 2 && second.running().size() == 2);
        assertThat(first.running()).doesNotContainAnyElementsOf(second.running());

        first.stop();
        assertThat(first.running()).isEmpty();
        Eventually.until("the other has all", () -> second.running().equals(SHARDS));
    }

    @Test
    void startsAllNodesAtOnce() throws Exception {
        List<TestNode> together =
                List.of(new TestNode(mapping, "one"), new TestNode(mapping, "two"), new TestNode(mapping, "three"));
        nodes.addAll(together);
        List<String> six = IntStream.range(0, 6).mapToObj(i -> "shard-" + i).toList();
        Phaser ready = new Phaser(together.size());
        try (ExecutorService starting =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
            List<Future<?>> starts = new ArrayList<>();
            for (TestNode node : together) {
                starts.add(starting.submit(() -> {
                    int _ = ready.arriveAndAwaitAdvance();
                    node.begin();
                    node.offer(six.toArray(String[]::new));
                    return null;
                }));
            }
            for (Future<?> start : starts) {
                start.get();
            }
        }

        Eventually.until(
                "each has two",
                () -> together.stream().allMatch(node -> node.running().size() == 2));
    }

    @Test
    void leavesNothingToWaitForWhenItStops() throws Exception {
        TestNode first = node("first");
        Eventually.until("all shards run", () -> first.running().equals(SHARDS));

        first.stop();

        assertThat(first.takeovers().known()).isZero();
        LeaseTable leases = first.leases();
        assertThat(leases.owners()).isEmpty();
        TestNode second = node("second");
        Eventually.until("all shards run", () -> second.running().equals(SHARDS));
        assertThat(leases.owners().values())
                .extracting(LeaseTable.Ownership::owner)
                .containsOnly("second");
    }

    @Test
    void neverGivesAFinishedShardAgainAndGivesWhatFollowsIt() throws Exception {
        TestNode first = node("first");
        Eventually.until("all shards run", () -> first.running().equals(SHARDS));

        first.finish("shard-0");
        first.offer("child-0", "child-1");

        Eventually.until(
                "the children run",
                () -> first.running().equals(Set.of("shard-1", "shard-2", "shard-3", "child-0", "child-1")));
        first.stop();
        Set<String> rest = Set.of("shard-1", "shard-2", "shard-3", "child-0", "child-1");
        TestNode second = node("second", rest);
        Eventually.until("the rest runs", () -> second.running().equals(rest));
    }

    @Test
    void remembersNoShardThatAnotherNodeHasForgotten() throws Exception {
        TestNode leader = node("leader");
        Eventually.until("all shards run", () -> leader.running().equals(SHARDS));
        TestNode other = node("other");
        Eventually.until("both have half", () -> other.running().size() == 2);
        String old = other.running().iterator().next();
        String[] rest = SHARDS.stream().filter(shard -> !shard.equals(old)).toArray(String[]::new);
        Eventually.until("the leader has seen all", () -> leader.takeovers().known() == SHARDS.size());

        other.finish(old);
        Eventually.until("its end is stored", () -> !other.leases().owners().containsKey(old));
        other.placement.forget(Set.of(old));
        other.offer(rest);
        assertThat(other.leases().read().keys()).contains(rest).doesNotContain(old);

        // Again, since the library may have been reading the table when the lease was deleted.
        Eventually.holds("the leader to forget it", () -> {
            leader.offer(rest);
            assertThat(leader.placement.offered()).isEqualTo(rest.length);
            assertThat(leader.takeovers().known()).isEqualTo(rest.length);
        });
    }

    /** Its holder was killed after it had stored the end, and before it could say so in the table. */
    @Test
    void aForgottenShardIsNotGivenAgainThoughItsLeaseHasNotEnded() throws Exception {
        TestNode node = node("node");
        Eventually.until("all shards run", () -> node.running().equals(SHARDS));

        node.placement.forget(Set.of("shard-0"));

        assertThat(node.leases().read().keys()).doesNotContain("shard-0");
        Eventually.until("it is lost", () -> !node.running().contains("shard-0"));
    }

    @Test
    void takesOverFromANodeThatIsGone() throws Exception {
        TestNode first = node("first");
        Eventually.until("all shards run", () -> first.running().equals(SHARDS));
        TestNode second = node("second");

        first.close();

        Eventually.until("the other has all", () -> second.running().equals(SHARDS));
    }
}
