package dev.millrace.stream;

import static dev.millrace.stream.Records.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.SavePace;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SavesTest {

    private final Saves saves = new Saves(2, SavePace.LOCAL, new SplittableRandom(1));

    @Test
    void storesASettledBatchAtOnceWhenNoOtherOneIsUnderWay() {
        assertThat(saves.isDone()).isTrue();
        assertThat(saves.next()).isEqualTo(Instant.MAX);
        assertThat(saves.isDue(START, true)).isFalse();
        saves.settled(START);
        assertThat(saves.isDue(START, true)).isTrue();
        assertThat(saves.isDone()).isFalse();
    }

    @Test
    void letsASettledBatchWaitForOthersButNotForLong() {
        saves.settled(START);
        saves.settled(START.plusMillis(7));

        assertThat(saves.isDue(START.plusMillis(19), false)).isFalse();
        assertThat(saves.next()).isEqualTo(START.plusMillis(20));
        assertThat(saves.isDue(START.plusMillis(20), false)).isTrue();
    }

    @Test
    void storesAtOnceWhenHalfOfWhatMayBeUnsavedIs() {
        for (int i = 0; i < 3; i++) {
            saves.settled(START);
            assertThat(saves.isDue(START, false)).isFalse();
        }
        saves.settled(START);
        assertThat(saves.isDue(START, false)).isTrue();
    }

    @Test
    void countsAnewFromTheCallOn() {
        for (int i = 0; i < 4; i++) {
            saves.settled(START);
        }
        saves.start(1, START);
        saves.settled(START.plusMillis(50));
        saves.saved(1);

        assertThat(saves.next()).isEqualTo(START.plusMillis(70));
        for (int i = 0; i < 3; i++) {
            saves.settled(START.plusMillis(51));
        }
        assertThat(saves.next()).isEqualTo(START.plusMillis(51));
    }

    @Test
    void doesNotLetABatchWaitWhenItHasToHurry() {
        saves.settled(START);
        saves.hurry();

        assertThat(saves.isDue(START, false)).isTrue();
    }

    @Test
    void storesOneThingAtATimeAndTakesAlongWhatWasSettledMeanwhile() {
        saves.settled(START);
        saves.start(1, START);
        saves.settled(START);
        saves.settled(START);
        assertThat(saves.next()).isEqualTo(Instant.MAX);
        assertThat(saves.isReady(START)).isFalse();

        assertThat(saves.saved(1)).as("nothing was wrong before").isFalse();
        assertThat(saves.unsaved()).isEqualTo(2);
        assertThat(saves.isDue(START, true)).isTrue();
        assertThatThrownBy(() -> saves.saved(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void allowsFourUnsavedBatchesPerLane() {
        for (int i = 0; i < 7; i++) {
            saves.settled(START);
            assertThat(saves.mayInvoke()).isTrue();
        }
        saves.settled(START);
        assertThat(saves.mayInvoke()).isFalse();
        saves.start(1, START);
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
        assertThat(saves.isDue(START.plusSeconds(9), true)).isFalse();
        assertThat(saves.isDue(START.plusSeconds(10), true)).isTrue();
        assertThat(saves.isDone()).isFalse();
        saves.start(1, START);
        saves.saved(1);
        assertThat(saves.isDone()).isTrue();
    }

    @Test
    void doesNotWaitWhenItHasToHurry() {
        saves.hurry();
        assertThat(saves.isDone()).as("nothing to store").isTrue();
        saves.advanced(START.plusSeconds(600));
        saves.hurry();
        assertThat(saves.isDue(START, true)).isTrue();
    }

    @Test
    void triesAgainAfterAPauseWithAllThatIsNotStored() {
        saves.settled(START);
        saves.start(1, START);
        Duration first = saves.failed(1, START);
        assertThat(first).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(saves.unsaved()).isEqualTo(1);
        assertThat(saves.next()).isEqualTo(START.plus(first));
        assertThat(saves.ready()).isEqualTo(START.plus(first));

        saves.start(2, START);
        assertThat(saves.failed(2, START)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(saves.reports(START)).isTrue();
        assertThat(saves.reports(START.plusSeconds(1))).isFalse();
        saves.start(3, START);
        assertThat(saves.saved(3)).as("works again").isTrue();
        assertThat(saves.isDone()).isTrue();
        saves.start(4, START);
        assertThat(saves.failed(4, START)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(saves.isDone())
                .as("what was in the call is still to be stored")
                .isFalse();
    }
}
