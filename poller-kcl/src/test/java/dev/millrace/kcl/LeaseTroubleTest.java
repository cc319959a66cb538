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
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The lease table away, silent, or asked nothing for long. */
class LeaseTroubleTest {

    private static final Set<String> SHARDS = Set.of("shard-0", "shard-1");

    /** The library takes a subscription for broken after a minute without an input. */
    private static final Duration LONGER_THAN_THE_LIBRARY_WAITS = Duration.ofSeconds(70);

    /** It tries twenty times, a second apart. */
    private static final Duration GIVES_UP_WITHIN = Duration.ofMinutes(2);

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
        awaitSharing();
        String mine = cutOff.running().iterator().next();

        tunnel.silence();
        Eventually.until("the other has all", () -> other.running().equals(SHARDS));
        assertThat(cutOff.isCertain(mine)).as("another node has it").isFalse();
        Eventually.until("the library notices", () -> cutOff.running().isEmpty());

        tunnel.open();
        awaitSharing();
        assertThat(cutOff.isCertain(cutOff.running().iterator().next())).isTrue();
    }

    private void awaitSharing() throws InterruptedException {
        Eventually.until(
                "both have one",
                () -> cutOff.running().size() == 1 && other.running().size() == 1);
    }

    @Test
    void leavesItsShardsToOthersWhileItIsRefused() throws Exception {
        start(cutOff);
        start(other);
        awaitSharing();

        tunnel.refuse();
        Eventually.until("the library notices", () -> cutOff.running().isEmpty());
        Eventually.until("the other has all", () -> other.running().equals(SHARDS));

        tunnel.open();
        awaitSharing();
        assertThat(cutOff.isCertain(cutOff.running().iterator().next())).isTrue();
    }

    @Test
    void startsTheLibraryAnewThatHasGivenUpOnATableThatWasAway() throws Exception {
        tunnel.refuse();
        try (TestNode halfCutOff = new TestNode(
                mapping,
                "half-cut-off",
                DynamoDbLocal.shared().endpoint(),
                tunnel.endpoint(),
                InstantSource.system())) {
            start(halfCutOff);
            assertThat(library()).as("it tries").hasSize(1);
            Eventually.holds(
                    GIVES_UP_WITHIN,
                    "the library to give up",
                    () -> assertThat(library()).isEmpty());
            assertThat(halfCutOff.running()).isEmpty();

            tunnel.open();
            halfCutOff.offer();
            Eventually.until("all shards run", () -> halfCutOff.running().equals(SHARDS));
        }
    }

    /** The threads on which the library works for the mapping. */
    private List<String> library() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("leases/") && name.contains(mapping.toString()))
                .toList();
    }

    @Test
    void startsTheLibraryAnewWhoseThreadHasDied() throws Exception {
        try (TestNode dying = dying()) {
            start(dying);
            Eventually.until("the thread to die", () -> library().isEmpty());

            dying.offer();

            Eventually.until("all shards run", () -> dying.running().equals(SHARDS));
        }
    }

    @Test
    void stopsInTimeWhenTheLibrarysThreadHasDied() throws Exception {
        try (TestNode dying = dying()) {
            start(dying);
            Eventually.until("the thread to die", () -> library().isEmpty());

            assertThat(dying.stop()).as("has ended").isTrue();
            assertThat(dying.running()).isEmpty();
        }
    }

    @Test
    void givesUpItsLeasesAtLastWhenTheLibrarysThreadHasDied() throws Exception {
        try (TestNode dying = dying()) {
            start(dying);
            Eventually.until("the thread to die", () -> library().isEmpty());
            start(other);

            // Its clients are others' too, and stay.
            dying.placement.close();

            Eventually.until("the other has all", () -> other.running().equals(SHARDS));
        }
    }

    /** A node on which an error ends the library's thread once, when it gets its second lease. */
    private TestNode dying() {
        AtomicInteger leases = new AtomicInteger();
        InstantSource clock = () -> {
            if (Thread.currentThread().getName().startsWith("leases/") && leases.incrementAndGet() == 2) {
                throw new LinkageError("as the test wants it");
            }
            return Instant.now();
        };
        return new TestNode(
                mapping,
                "dying",
                DynamoDbLocal.shared().endpoint(),
                DynamoDbLocal.shared().endpoint(),
                clock);
    }

    @Test
    void stopsInTimeWhileTheTableIsSilent() throws Exception {
        cycle();
        int before = Thread.activeCount();
        try (TestNode silenced = new TestNode(mapping, "silenced", tunnel.endpoint())) {
            start(silenced);
            Eventually.until("all shards run", () -> silenced.running().equals(SHARDS));

            tunnel.silence();

            assertThat(silenced.stop()).as("has ended").isTrue();
            assertThat(silenced.running()).isEmpty();
        }
        tunnel.open();
        Eventually.until("threads to end", () -> Thread.activeCount() <= before);
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
