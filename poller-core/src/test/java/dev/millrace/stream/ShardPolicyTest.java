package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.stream.ShardScenario.Settings;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShardPolicyTest {

    /** Two batches for each lane, but enough for one read to fill many small ones. */
    @Test
    void derivesTheRecordsThatMayBeHeldFromBatchesAndLanes() {
        boolean many = false;
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Settings settings = ShardScenario.random(random).settings(random);
            EventSourceMapping mapping = settings.mapping();
            EventSourceMapping large = new EventSourceMapping(
                    mapping.uuid(),
                    mapping.eventSourceArn(),
                    mapping.function(),
                    true,
                    10_000,
                    mapping.maximumBatchingWindow(),
                    mapping.filterPatterns(),
                    false,
                    mapping.source(),
                    mapping.metrics(),
                    null,
                    mapping.tags(),
                    mapping.options());
            if (settings.options().maximumRecordsInFlight().isEmpty()) {
                many = true;
                assertThat(settings.policy().maximumRecords()).isEqualTo(10_000);
                assertThat(ShardPolicy.of(large, settings.pacing()).maximumRecords())
                        .isEqualTo(20_000 * settings.members().parallelizationFactor());
            }
        }
        assertThat(many).isTrue();
    }
}
