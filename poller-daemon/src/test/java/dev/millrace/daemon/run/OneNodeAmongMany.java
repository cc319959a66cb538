package dev.millrace.daemon.run;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import dev.millrace.coordination.PlacementProvider;
import dev.millrace.runner.Standalone;
import java.time.Duration;

/** The mode {@code Kcl} as a node sees it that has every shard. */
final class OneNodeAmongMany implements PlacementProvider {

    @Override
    public PlacementFactory configure(Section coordination, AwsSettings aws, Duration handOver) {
        return new Standalone();
    }
}
