package dev.millrace.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class MonotonicClockTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Instant wall = START;
    private long nanos = -5;
    private final MonotonicClock clock = new MonotonicClock(() -> wall, () -> nanos);

    @Test
    void goesWithTheWallClock() {
        pass(Duration.ofSeconds(90));

        assertThat(clock.instant()).isEqualTo(START.plusSeconds(90));
    }

    @Test
    void followsAClockThatIsSetForwardAtOnce() {
        wall = wall.plusSeconds(3_600);

        assertThat(clock.instant()).isEqualTo(START.plusSeconds(3_600));
        pass(Duration.ofSeconds(1));
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(3_601));
    }

    @Test
    void goesAQuarterSlowerAfterTheClockIsSetBackUntilBothAgree() {
        wall = wall.minusSeconds(10);

        assertThat(clock.instant()).isEqualTo(START);
        for (int second = 1; second <= 40; second++) {
            pass(Duration.ofSeconds(1));
            assertThat(clock.instant()).isEqualTo(START.plusMillis(second * 750L));
        }
        assertThat(clock.instant()).isEqualTo(wall);
        pass(Duration.ofSeconds(1));
        assertThat(clock.instant()).isEqualTo(wall);
    }

    @Test
    void keepsPaceWithAWallClockThatIsReadAMomentEarlier() {
        for (int reading = 1; reading <= 1_000; reading++) {
            nanos += 1_000;
            clock.instant();
            wall = wall.plusNanos(1_000);
        }

        assertThat(Duration.between(wall, clock.instant())).isLessThan(Duration.ofMillis(1));
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }
}
