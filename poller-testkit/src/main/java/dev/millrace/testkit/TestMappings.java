package dev.millrace.testkit;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Mappings of which a test of an adapter needs no more than their source and filters. */
public final class TestMappings {

    private TestMappings() {}

    /** All of a stream, from its oldest record on. */
    public static EventSourceMapping ofStream(String arn, List<String> filterPatterns) {
        return new EventSourceMapping(
                new UUID(0, 1),
                Arn.parse(arn).orElseThrow(),
                FunctionReference.parse("orders-fn", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                100,
                Duration.ZERO,
                filterPatterns,
                false,
                new StreamMembers(
                        StartingPosition.TRIM_HORIZON, null, 1, -1, Duration.ZERO, false, Duration.ZERO, null),
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
    }
}
