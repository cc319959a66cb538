package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VisibilityCallsTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final VisibilityCalls calls =
            new VisibilityCalls(MachineFixture.options(new Heartbeat(Duration.ofHours(1)), false));
    private final HeldMessage held = new HeldMessage(MachineFixture.message("a"), START, TIMEOUT);
    private final List<HeldBatch> invoking = List.of(new HeldBatch(1, List.of(held), START));

    @Test
    void remembersNothingOfAMessageThatLeftBeforeItsHeartbeatFailed() {
        Instant due = calls.nextHeartbeat(invoking, TIMEOUT, START);
        send(due);
        calls.forget(held);

        assertThat(calls.ended(7, null, due.plusSeconds(5)))
                .as("nothing to complain of")
                .isEmpty();
        assertThat(calls.nextHeartbeat(invoking, TIMEOUT, START))
                .as("a pause would be a trace")
                .isEqualTo(due);
    }

    @Test
    void pausesAfterAHeartbeatThatFailed() {
        Instant due = calls.nextHeartbeat(invoking, TIMEOUT, START);
        send(due);

        assertThat(calls.ended(7, null, due)).hasSize(1);
        assertThat(calls.nextHeartbeat(invoking, TIMEOUT, due)).isAfter(due);
    }

    private void send(Instant now) {
        List<HeldMessage> extending = new ArrayList<>();
        List<VisibilityChange> changes = calls.heartbeats(invoking, TIMEOUT, now, extending);
        assertThat(changes).hasSize(1);
        calls.sent(7, changes, extending, now);
    }
}
