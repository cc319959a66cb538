package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BatchLineOrderTest {

    private final BatchLine line = new BatchLine();

    @Test
    void aBatchThatWaitsForOneOfItsGroupsLetsNoLaterOneOfItsOthersPass() {
        HeldBatch first = batch(1, "b");
        HeldBatch waiting = batch(2, "a", "b");
        HeldBatch later = batch(3, "a");
        HeldBatch other = batch(4, "c");
        List.of(first, waiting, later, other).forEach(line::add);

        line.started(line.takeReady().orElseThrow());
        assertThat(line.takeReady()).contains(other);
        assertThat(line.takeReady()).as("later would overtake waiting").isEmpty();

        line.ended(first.number());
        assertThat(line.takeReady()).contains(waiting);
    }

    @Test
    void aBatchThatBacksOffKeepsItsGroups() {
        HeldBatch first = batch(1, "a");
        line.add(first);
        line.add(batch(2, "a"));
        line.started(line.takeReady().orElseThrow());
        line.backOff(line.ended(first.number()));

        assertThat(line.takeReady()).isEmpty();
    }

    private static HeldBatch batch(long number, String... groups) {
        return new HeldBatch(
                number,
                Stream.of(groups)
                        .map(group -> new HeldMessage(
                                MachineFixture.message(group + number, "h", group, 10),
                                Instant.EPOCH,
                                MachineFixture.VISIBILITY))
                        .toList(),
                Instant.EPOCH);
    }
}
