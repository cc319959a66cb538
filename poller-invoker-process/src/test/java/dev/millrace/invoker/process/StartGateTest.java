package dev.millrace.invoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StartGateTest {

    private final StartGate gate = new StartGate();
    private Instant now = Instant.EPOCH;

    private Duration afterFailure() {
        now = now.plus(gate.closedFor(now));
        gate.failed("broken", now);
        return gate.closedFor(now);
    }

    @Test
    void isOpenAtFirst() {
        assertThat(gate.closedFor(now)).isZero();
        assertThat(gate.probing()).isFalse();
    }

    @Test
    void waitsTwiceAsLongAfterEachFailureUpToALimit() {
        assertThat(afterFailure()).isEqualTo(Duration.ofMillis(500));
        assertThat(afterFailure()).isEqualTo(Duration.ofSeconds(1));
        assertThat(afterFailure()).isEqualTo(Duration.ofSeconds(2));
        for (int i = 0; i < 100; i++) {
            afterFailure();
        }
        assertThat(afterFailure()).isEqualTo(Duration.ofSeconds(60));
        assertThat(gate.lastFailure()).isEqualTo("broken");
    }

    @Test
    void countsFailuresOfStartsThatWereUnderWayOnce() {
        afterFailure();
        gate.failed("broken too", now.plusMillis(100));

        assertThat(gate.closedFor(now)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void opensAgainInTimeAndLetsOneProbe() {
        afterFailure();

        assertThat(gate.closedFor(now.plusMillis(500))).isZero();
        assertThat(gate.probing()).isTrue();
    }

    @Test
    void startsAfreshAfterASuccess() {
        afterFailure();
        afterFailure();
        gate.succeeded();

        assertThat(gate.closedFor(now)).isZero();
        assertThat(gate.probing()).isFalse();
        assertThat(afterFailure()).isEqualTo(Duration.ofMillis(500));
    }
}
