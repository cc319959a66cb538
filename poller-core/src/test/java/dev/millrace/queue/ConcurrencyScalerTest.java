package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.queue.QueuePolicy.Scaling;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ConcurrencyScalerTest {

    private static final Scaling FAST = new Scaling(2, 5, 1_250, OptionalInt.empty());
    private static final Scaling AWS = new Scaling(2, 5, 1_250, OptionalInt.of(300));

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void startsWithFive() {
        assertThat(new ConcurrencyScaler(FAST).limit()).isEqualTo(5);
    }

    @Test
    void awsPresetAddsThreeHundredAMinute() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(AWS);
        saturate(scaler, Duration.ofMinutes(1), Duration.ofMillis(20), Integer.MAX_VALUE);
        assertThat(scaler.limit()).isBetween(304, 305);

        saturate(scaler, Duration.ofMinutes(10), Duration.ofMillis(20), Integer.MAX_VALUE);
        assertThat(scaler.limit()).as("ceiling").isEqualTo(1_250);
    }

    @Test
    void growsByTheClockWhileASlowFunctionHoldsEverySlot() {
        ConcurrencyScaler aws = new ConcurrencyScaler(AWS);
        ConcurrencyScaler fast = new ConcurrencyScaler(FAST);
        for (int second = 0; second <= 61; second++) {
            aws.demand(now);
            fast.demand(now);
            assertThat(aws.nextGrowth(now)).isEqualTo(now.plusSeconds(1));
            assertThat(fast.nextGrowth(now)).isEqualTo(now.plusSeconds(1));
            later(Duration.ofSeconds(1));
        }
        assertThat(aws.limit()).as("300 a minute").isEqualTo(5 + 61 * 5);
        assertThat(fast.limit()).as("from the second second on").isEqualTo(5 + 60 * 5);
    }

    @Test
    void doesNotGrowByTheClockAboveItsCeiling() {
        ConcurrencyScaler full = new ConcurrencyScaler(new Scaling(2, 5, 5, OptionalInt.of(300)));
        full.demand(now);
        full.demand(now.plusSeconds(1));
        assertThat(full.limit()).isEqualTo(5);
        assertThat(full.nextGrowth(now)).isEqualTo(Instant.MAX);
    }

    @Test
    void awsPresetAddsAThousandAMinuteInProvisionedMode() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(new Scaling(20, 20, 2_000, OptionalInt.of(1_000)));
        saturate(scaler, Duration.ofMinutes(1), Duration.ofMillis(20), Integer.MAX_VALUE);
        assertThat(scaler.limit()).isBetween(1_018, 1_020);

        saturate(scaler, Duration.ofMinutes(2), Duration.ofMillis(20), Integer.MAX_VALUE);
        assertThat(scaler.limit()).as("ten for each of 200 pollers").isEqualTo(2_000);
    }

    @Test
    void doesNotGrowWhileSlotsAreFree() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        for (int i = 0; i < 1_000; i++) {
            later(Duration.ofMillis(20));
            scaler.succeeded(false, now);
        }
        assertThat(scaler.limit()).isEqualTo(5);
    }

    @Test
    void climbsToItsCeilingWithinSecondsWhenEverySlotHelps() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        saturate(scaler, Duration.ofSeconds(5), Duration.ofMillis(100), Integer.MAX_VALUE);
        assertThat(scaler.limit()).isEqualTo(1_250);
    }

    @Test
    void climbsAfterARoundOfAsManyCompletionsAsSlotsAndATenthOfASecond() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        complete(scaler, 5, now.plusMillis(50));
        assertThat(scaler.limit()).isEqualTo(5);
        scaler.succeeded(true, now.plusMillis(149));
        assertThat(scaler.limit()).as("99 ms of the round").isEqualTo(5);

        ConcurrencyScaler exact = new ConcurrencyScaler(FAST);
        exact.succeeded(true, now);
        complete(exact, 4, now.plusMillis(100));
        assertThat(exact.limit()).as("4 of 5").isEqualTo(5);
        exact.succeeded(true, now.plusMillis(100));
        assertThat(exact.limit()).isEqualTo(10);
    }

    @Test
    void climbsByOneSlotAtLeast() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        scaler.throttled(now);
        for (int i = 1; i <= 4; i++) {
            scaler.throttled(now.plusSeconds(2L * i));
        }
        assertThat(scaler.limit()).isEqualTo(1);
        complete(scaler, 1, now.plusSeconds(20));
        complete(scaler, 1, now.plusSeconds(21));
        assertThat(scaler.limit()).isEqualTo(2);
    }

    @Test
    void stepsBackWhenMoreSlotsDidNotHelpAndTriesAgainTenSecondsLater() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        scaler.succeeded(true, now);
        complete(scaler, 5, now.plusMillis(100));
        assertThat(scaler.limit()).isEqualTo(10);
        Instant held = now.plusMillis(300);
        complete(scaler, 10, held);
        assertThat(scaler.limit()).as("no faster").isEqualTo(5);

        complete(scaler, 5, held.plusSeconds(5));
        assertThat(scaler.limit()).as("held").isEqualTo(5);
        complete(scaler, 5, held.plusSeconds(10));
        assertThat(scaler.limit()).as("a cautious step").isEqualTo(6);
    }

    private static void complete(ConcurrencyScaler scaler, int batches, Instant at) {
        for (int i = 0; i < batches; i++) {
            scaler.succeeded(true, at);
        }
    }

    @Test
    void settlesNearTheFunctionsRealCapacity() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        saturate(scaler, Duration.ofMinutes(2), Duration.ofMillis(100), 40);
        assertThat(scaler.limit()).isBetween(40, 100);
    }

    @Test
    void shrinksGraduallyOnFunctionErrorsButNotBelowItsFloor() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(new Scaling(2, 100, 1_250, OptionalInt.empty()));
        scaler.functionError(now);
        assertThat(scaler.limit()).isEqualTo(90);
        for (int i = 0; i < 100; i++) {
            scaler.functionError(now);
        }
        assertThat(scaler.limit()).isEqualTo(2);
    }

    @Test
    void halvesOnceForThrottlesThatComeTogether() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(new Scaling(2, 100, 1_250, OptionalInt.empty()));
        scaler.throttled(now);
        scaler.throttled(now.plusMillis(900));
        assertThat(scaler.limit()).isEqualTo(50);

        scaler.throttled(now.plusMillis(1_000));
        assertThat(scaler.limit()).isEqualTo(25);
    }

    @Test
    void throttlingLeavesOneSlot() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(FAST);
        for (int i = 0; i < 20; i++) {
            later(Duration.ofSeconds(2));
            scaler.throttled(now);
        }
        assertThat(scaler.limit()).isEqualTo(1);

        scaler.idle(now);
        assertThat(scaler.limit()).as("an idle mapping is ready for work again").isEqualTo(2);
    }

    @Test
    void idlenessLeadsBackToTheStartAndThenToTheFloor() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(new Scaling(2, 5, 1_250, OptionalInt.of(6_000)));
        saturate(scaler, Duration.ofSeconds(2), Duration.ofMillis(10), Integer.MAX_VALUE);
        int busy = scaler.limit();
        assertThat(busy).isGreaterThan(150);

        scaler.idle(now.plusSeconds(59));
        assertThat(scaler.limit()).isEqualTo(busy);
        for (int minute = 1; minute <= 10; minute++) {
            scaler.idle(now.plusSeconds(60L * minute));
        }
        assertThat(scaler.limit()).isEqualTo(2);
    }

    @Test
    void aDisabledFunctionNeverGetsASlot() {
        ConcurrencyScaler scaler = new ConcurrencyScaler(new Scaling(0, 0, 0, OptionalInt.empty()));
        scaler.idle(now);
        scaler.succeeded(true, now);
        scaler.functionError(now);
        assertThat(scaler.limit()).isZero();
    }

    /** A function that takes {@code latency} for each batch and works on at most {@code capacity} at a time. */
    private void saturate(ConcurrencyScaler scaler, Duration time, Duration latency, int capacity) {
        Instant end = now.plus(time);
        while (now.isBefore(end)) {
            int working = Math.min(Math.max(1, scaler.limit()), capacity);
            later(latency.dividedBy(working));
            scaler.succeeded(true, now);
        }
    }

    private void later(Duration time) {
        now = now.plus(time);
    }
}
