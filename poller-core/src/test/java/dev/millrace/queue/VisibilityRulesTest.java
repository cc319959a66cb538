package dev.millrace.queue;

import static dev.millrace.queue.Messages.START;
import static dev.millrace.queue.Messages.batch;
import static dev.millrace.queue.Messages.changedIds;
import static dev.millrace.queue.Messages.held;
import static dev.millrace.queue.Messages.ids;
import static dev.millrace.queue.Messages.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.source.QueueSource.EntryFailure;
import dev.millrace.source.QueueSource.VisibilityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VisibilityRulesTest {

    private static final Duration VISIBILITY = Duration.ofSeconds(30);
    private static final EntryFailure REFUSED = new EntryFailure("Refused", true);

    private final VisibilityCalls calls = calls(new Heartbeat(Duration.ofSeconds(100)), null);
    private final HeldMessage held = held("a");
    private final List<HeldBatch> invoking = List.of(batch(1, held));
    private final List<HeldMessage> extending = new ArrayList<>();

    private static VisibilityCalls calls(@Nullable Heartbeat heartbeat, @Nullable RetryBackoff backoff) {
        return new VisibilityCalls(new QueueOptions(
                heartbeat, backoff, false, GrowthPreset.FAST, OptionalInt.empty(), Duration.ofSeconds(20)));
    }

    private List<VisibilityChange> beat(Instant now) {
        return calls.heartbeats(invoking, VISIBILITY, now, extending);
    }

    private Instant next(Instant now) {
        return calls.nextHeartbeat(invoking, VISIBILITY, now);
    }

    @Test
    void extendsWhenHalfOfTheTimeoutIsLeft() {
        Instant half = START.plusSeconds(15);
        assertThat(next(START)).isEqualTo(half);
        assertThat(beat(half.minusNanos(1))).isEmpty();
        assertThat(extending).isEmpty();

        assertThat(beat(half)).containsExactly(new VisibilityChange(held.message(), VISIBILITY));
        assertThat(extending).containsExactly(held);
    }

    @Test
    void extendsOnceUntilTheCallHasEndedAndThenFromItsStart() {
        Instant half = START.plusSeconds(15);
        calls.sent(1, beat(half), extending, half);
        assertThat(calls.isEmpty()).isFalse();
        assertThat(beat(half.plusSeconds(1))).isEmpty();
        assertThat(next(half)).isEqualTo(Instant.MAX);

        assertThat(calls.ended(1, Map.of(), half.plusSeconds(2))).isEmpty();
        assertThat(calls.isEmpty()).isTrue();
        assertThat(held.visibleAgainAt()).isEqualTo(half.plus(VISIBILITY));
        assertThat(next(half.plusSeconds(2))).isEqualTo(half.plusSeconds(15));
    }

    @Test
    void triesAgainAfterAnEighthOfTheExtensionWhenABeatFailed() {
        Instant half = START.plusSeconds(15);
        calls.sent(1, beat(half), extending, half);

        assertThat(ids(calls.ended(1, Map.of("a", REFUSED), half))).containsExactly("a");
        Instant retry = half.plusMillis(3_751);
        assertThat(held.visibleAgainAt()).isEqualTo(START.plus(VISIBILITY));
        assertThat(next(half)).isEqualTo(retry);
        assertThat(beat(retry.minusNanos(1))).isEmpty();

        extending.clear();
        calls.sent(2, beat(retry), extending, retry);
        assertThat(ids(calls.ended(2, null, retry))).as("failed as a whole").containsExactly("a");
        assertThat(next(retry)).isEqualTo(retry.plusMillis(3_751));

        calls.forget(held);
        assertThat(next(retry)).as("forgotten with its failures").isEqualTo(retry);
    }

    @Test
    void aBeatThatSucceedsForgetsTheFailedOne() {
        Instant half = START.plusSeconds(15);
        calls.sent(1, beat(half), extending, half);
        calls.ended(1, null, half.plusSeconds(100));
        extending.clear();
        calls.sent(2, List.of(new VisibilityChange(held.message(), VISIBILITY)), List.of(held), half);
        calls.ended(2, Map.of(), half);

        assertThat(next(half)).isEqualTo(half.plusSeconds(15));
    }

    @Test
    void neverExtendsBeyondTheCeilingAndInWholeSeconds() {
        Instant now = START.plusMillis(90_500);
        held.visibleAgainAt(START.plusSeconds(91));
        assertThat(beat(now)).containsExactly(new VisibilityChange(held.message(), Duration.ofSeconds(9)));

        held.visibleAgainAt(now.plusSeconds(9));
        assertThat(beat(now)).as("nothing gained").isEmpty();
        assertThat(next(now)).isEqualTo(Instant.MAX);

        held.visibleAgainAt(START.plusSeconds(99));
        assertThat(beat(START.plusMillis(99_500))).as("less than a second").isEmpty();
    }

    @Test
    void extendsOnlyWhereThatGainsASecond() {
        Instant last = START.plusMillis(84_500);
        held.visibleAgainAt(last.plusSeconds(15));
        for (int i = 0; i < 500; i++) {
            Instant now = last.plusMillis(i);
            assertThat(beat(now)).as("beats in a row at the ceiling").isEmpty();
            assertThat(next(now)).isEqualTo(Instant.MAX);
        }

        held.visibleAgainAt(last.plusSeconds(14));
        assertThat(beat(last)).hasSize(1);
    }

    @Test
    void extendsByTenSecondsAtLeast() {
        held.visibleAgainAt(START.plusSeconds(2));
        Duration shortest = Duration.ofSeconds(2);

        assertThat(calls.heartbeats(invoking, shortest, START, extending))
                .containsExactly(new VisibilityChange(held.message(), Duration.ofSeconds(10)));
        assertThat(calls.nextHeartbeat(invoking, shortest, START)).as("overdue").isEqualTo(START);
    }

    @Test
    void theSoonestMessageSetsTheNextBeat() {
        HeldMessage sooner = held("b");
        sooner.visibleAgainAt(START.plusSeconds(20));
        List<HeldBatch> three = List.of(batch(1, held), batch(2, sooner), batch(3, held("c")));

        assertThat(calls.nextHeartbeat(three, VISIBILITY, START)).isEqualTo(START.plusSeconds(5));
        assertThat(changedIds(calls.heartbeats(three, VISIBILITY, START.plusSeconds(5), extending)))
                .containsExactly("b");
    }

    @Test
    void doesNothingWithoutItsOptions() {
        VisibilityCalls off = calls(null, null);

        assertThat(off.heartbeats(invoking, VISIBILITY, START.plusSeconds(29), extending))
                .isEmpty();
        assertThat(off.nextHeartbeat(invoking, VISIBILITY, START)).isEqualTo(Instant.MAX);
        assertThat(off.backoff(message("a"), 1)).isEmpty();
    }

    @Test
    void delaysAFailedMessageByItsReceiveCount() {
        VisibilityCalls backoff = calls(null, new RetryBackoff(Duration.ofSeconds(3), 2, Duration.ofSeconds(60)));

        assertThat(backoff.backoff(held.message(), 3))
                .contains(new VisibilityChange(held.message(), Duration.ofSeconds(12)));
    }

    @Test
    void splitsChangesIntoCallsOfTen() {
        List<VisibilityChange> changes = Stream.of(Messages.numbered(21))
                .map(message -> new VisibilityChange(message, Duration.ZERO))
                .toList();

        assertThat(calls.chunks(changes)).extracting(List::size).containsExactly(10, 10, 1);
        assertThat(calls.chunks(changes.subList(0, 10))).hasSize(1);
        assertThat(calls.chunks(List.of())).isEmpty();
    }

    @Test
    void aCallExtendsOnlyTheMessagesItNames() {
        HeldMessage other = held("b");
        Instant half = START.plusSeconds(15);
        calls.sent(1, List.of(new VisibilityChange(held.message(), VISIBILITY)), List.of(held, other), half);

        assertThat(changedIds(calls.heartbeats(List.of(batch(1, held, other)), VISIBILITY, half, extending)))
                .containsExactly("b");
    }

    @Test
    void refusesAnAnswerToACallItNeverMade() {
        assertThatThrownBy(() -> calls.ended(7, Map.of(), START)).isInstanceOf(IllegalStateException.class);
    }
}
