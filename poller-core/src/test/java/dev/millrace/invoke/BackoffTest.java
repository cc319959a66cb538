package dev.millrace.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** Draws the largest number allowed, and so the shortest pause, or the smallest. */
    private static RandomGenerator drawing(boolean largest) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public long nextLong(long bound) {
                return largest ? bound - 1 : 0;
            }
        };
    }

    @Test
    void doublesWithEachFailureUpToItsMaximum() {
        assertThat(BACKOFF.pause(1, drawing(false))).isEqualTo(Duration.ofMillis(100));
        assertThat(BACKOFF.pause(2, drawing(false))).isEqualTo(Duration.ofMillis(200));
        assertThat(BACKOFF.pause(6, drawing(false))).isEqualTo(Duration.ofMillis(3_200));
        assertThat(BACKOFF.pause(7, drawing(false))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void drawsHalfOfThePause() {
        assertThat(BACKOFF.pause(1, drawing(true))).isEqualTo(Duration.ofMillis(50));
        assertThat(BACKOFF.pause(7, drawing(true))).isEqualTo(Duration.ofMillis(2_500));
        RandomGenerator random = new SplittableRandom(1);
        assertThat(BACKOFF.pause(3, random))
                .isBetween(Duration.ofMillis(200), Duration.ofMillis(400))
                .isNotEqualTo(BACKOFF.pause(3, random));
    }

    @Test
    void staysAtItsMaximumHoweverManyFailures() {
        assertThat(BACKOFF.pause(64, drawing(false))).isEqualTo(Duration.ofSeconds(5));
        assertThat(BACKOFF.pause(Integer.MAX_VALUE, drawing(false))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void pausesTooShortToHalveAreKept() {
        Backoff tiny = new Backoff(Duration.ofMillis(1), Duration.ofMillis(1));

        assertThat(tiny.pause(1, drawing(true))).isEqualTo(Duration.ofMillis(1));
        assertThat(new Backoff(Duration.ofMillis(2), Duration.ofSeconds(1)).pause(1, drawing(true)))
                .isEqualTo(Duration.ofMillis(1));
        assertThat(new Backoff(Duration.ZERO, Duration.ZERO).pause(9, drawing(true)))
                .isZero();
    }
}
