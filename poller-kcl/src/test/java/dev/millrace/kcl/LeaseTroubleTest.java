package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import dev.millrace.testkit.wire.Tunnel;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The lease table away, silent, or asked nothing for long. */
class LeaseTroubleTest {

    private static final Set<String> SHARDS = Set.of("shard-0", "shard-1");

    /** The library takes a subscription for broken after a minute without an input. */
    private static final Duration LONGER_THAN_THE_LIBRARY_WAITS = Duration.ofSeconds(70);

    private final UUID mapping = UUID.randomUUID();
    private final Tunnel tunnel = new Tunnel(DynamoDbLocal.shared().endpoint());
    private final TestNode cutOff = new TestNode(mapping, "cut-off", tunnel.endpoint());
    private final TestNode other = new TestNode(mapping, "other");

    @AfterEach
    void close() {
        cutOff.close();
        other.close();
        tunnel.close();
    }

    private static void start(TestNode node) throws Exception {
        node.begin();
        node.offer(SHARDS.toArray(String[]::new));
    }

    @Test
    void beginsWhenATableThatWasAwayIsBack() throws Exception {
        tunnel.refuse();
        assertThatThrownBy(cutOff::begin)
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll(
                        "test-leases-" + mapping, "Coordination.LeaseTablePrefix", "Check the network");

        tunnel.open();
        start(cutOff);
        Eventually.until("all shards run", () -> cutOff.running().equals(SHARDS));
    }

    @Test
    void invokesNothingOnceOthersMayHaveTheShard() throws Exception {
        start(cutOff);
        Eventually.until("all shards run", () -> cutOff.running().equals(SHARDS));
        assertThat(cutOff.isCertain("shard-0")).isTrue();
        start(other);
        Eventually.until(
                "both have one",
                () -> cutOff.running().size() == 1 && other.running().size() == 1);
        String mine = cutOff.running().iterator().next();

        tunnel.silence();
        Eventually.until("the other has all", () -> other.running().equals(SHARDS));
        assertThat(cutOff.isCertain(mine)).as("another node has it").isFalse();
        Eventually.until("the library notices", () -> cutOff.running().isEmpty());

        tunnel.open();
        Eventually.until(
                "they share again",
                () -> cutOff.running().size() == 1 && other.running().size() == 1);
        assertThat(cutOff.isCertain(cutOff.running().iterator().next())).isTrue();
    }

    @Test
    void hearsNothingForLongWithoutTakingTheSubscriptionForBroken() throws Exception {
        Logger library = (Logger) LoggerFactory.getLogger("software.amazon.kinesis.lifecycle");
        ListAppender<ILoggingEvent> complaints = new ListAppender<>();
        complaints.start();
        library.addAppender(complaints);
        try {
            start(other);
            Eventually.until("all shards run", () -> other.running().equals(SHARDS));

            boolean woken =
                    new CountDownLatch(1).await(LONGER_THAN_THE_LIBRARY_WAITS.toMillis(), TimeUnit.MILLISECONDS);

            assertThat(woken).isFalse();
            assertThat(complaints.list)
                    .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .isEmpty();
            assertThat(other.running()).isEqualTo(SHARDS);
        } finally {
            library.detachAppender(complaints);
        }
    }

    @Test
    void leavesNoThreadsBehind() throws Exception {
        for (int cycle = 0; cycle < 3; cycle++) {
            cycle();
        }
        int before = Thread.activeCount();
        for (int cycle = 0; cycle < 6; cycle++) {
            cycle();
        }
        Eventually.until("threads to end", () -> Thread.activeCount() <= before);
    }

    private void cycle() throws Exception {
        try (TestNode node = new TestNode(mapping, "cycle")) {
            start(node);
            Eventually.until("all shards run", () -> node.running().equals(SHARDS));
            node.stop();
        }
    }
}
