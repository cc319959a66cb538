package dev.millrace.stream;

import static dev.millrace.stream.Records.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SavesTest {

    private final Saves saves = new Saves(2, new SplittableRandom(1));

    @Test
    void storesASettledBatchAtOnce() {
        assertThat(saves.isDone()).isTrue();
        assertThat(saves.next()).isEqualTo(Instant.MAX);
        saves.settled();
        assertThat(saves.isDue(START)).isTrue();
        assertThat(saves.isDone()).isFalse();
    }

    @Test
    void storesOneThingAtATimeAndTakesAlongWhatWasSettledMeanwhile() {
        saves.settled();
        saves.start(1);
        saves.settled();
        saves.settled();
        assertThat(saves.next()).isEqualTo(Instant.MAX);
        assertThat(saves.isReady(START)).isFalse();

        assertThat(saves.saved(1)).as("nothing was wrong before").isFalse();
        assertThat(saves.unsaved()).isEqualTo(2);
        assertThat(saves.isDue(START)).isTrue();
        assertThatThrownBy(() -> saves.saved(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void allowsFourUnsavedBatchesPerLane() {
        for (int i = 0; i < 7; i++) {
            saves.settled();
            assertThat(saves.mayInvoke()).isTrue();
        }
        saves.settled();
        assertThat(saves.mayInvoke()).isFalse();
        saves.start(1);
        assertThat(saves.mayInvoke()).as("not before it is stored").isFalse();
        saves.saved(1);
        assertThat(saves.mayInvoke()).isTrue();
    }

    @Test
    void storesWhatRepeatsNothingLaterAndAtTheEarliestOfItsTimes() {
        saves.advanced(START.plusSeconds(600));
        saves.advanced(START.plusSeconds(10));
        saves.advanced(START.plusSeconds(300));

        assertThat(saves.next()).isEqualTo(START.plusSeconds(10));
        assertThat(saves.isDue(START.plusSeconds(9))).isFalse();
        assertThat(saves.isDue(START.plusSeconds(10))).isTrue();
        assertThat(saves.isDone()).isFalse();
        saves.start(1);
        saves.saved(1);
        assertThat(saves.isDone()).isTrue();
    }

    @Test
    void doesNotWaitWhenItHasToHurry() {
        saves.hurry();
        assertThat(saves.isDone()).as("nothing to store").isTrue();
        saves.advanced(START.plusSeconds(600));
        saves.hurry();
        assertThat(saves.isDue(START)).isTrue();
    }

    @Test
    void triesAgainAfterAPauseWithAllThatIsNotStored() {
        saves.settled();
        saves.start(1);
        Duration first = saves.failed(1, START);
        assertThat(first).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(saves.unsaved()).isEqualTo(1);
        assertThat(saves.next()).isEqualTo(START.plus(first));
        assertThat(saves.ready()).isEqualTo(START.plus(first));

        saves.start(2);
        assertThat(saves.failed(2, START)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(saves.reports(START)).isTrue();
        assertThat(saves.reports(START.plusSeconds(1))).isFalse();
        saves.start(3);
        assertThat(saves.saved(3)).as("works again").isTrue();
        assertThat(saves.isDone()).isTrue();
        saves.start(4);
        assertThat(saves.failed(4, START)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(saves.isDone())
                .as("what was in the call is still to be stored")
                .isFalse();
    }
}
