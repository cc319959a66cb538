package dev.millrace.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.EventSourceMapping.SourceSettings;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.queue.QueuePolicy.Scaling;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Spec 3.4 and 3.6: where concurrency starts and ends. */
class QueuePolicyTest {

    private static final OptionalInt NONE = OptionalInt.empty();

    private static MappingOptions options(GrowthPreset preset, OptionalInt perMinute, long bytes) {
        return new MappingOptions(
                new QueueOptions(null, null, false, preset, perMinute, Duration.ofSeconds(20)),
                StreamOptions.DEFAULT,
                bytes);
    }

    private static QueuePolicy policy(
            String queue, SourceSettings members, MappingOptions options, OptionalInt functionLimit) {
        EventSourceMapping mapping = new EventSourceMapping(
                UUID.nameUUIDFromBytes(new byte[] {1}),
                Arn.parse("arn:aws:sqs:us-east-1:000000000000:" + queue).orElseThrow(),
                FunctionReference.parse("f", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                100,
                Duration.ofSeconds(5),
                List.of(),
                true,
                members,
                Set.of(),
                null,
                Map.of(),
                options);
        return QueuePolicy.of(mapping, Duration.ofSeconds(7), functionLimit, 1_000);
    }

    private static Scaling scaling(QueueMembers members, MappingOptions options, OptionalInt functionLimit) {
        return policy("q", members, options, functionLimit).scaling();
    }

    @Test
    void startsWithFiveAndShrinksToTwo() {
        assertThat(scaling(QueueMembers.DEFAULT, MappingOptions.DEFAULT, NONE))
                .isEqualTo(new Scaling(2, 5, 1_250, NONE));
    }

    @Test
    void maximumConcurrencyIsTheCeiling() {
        QueueMembers members = new QueueMembers(OptionalInt.of(40), NONE, NONE);
        assertThat(scaling(members, MappingOptions.DEFAULT, NONE)).isEqualTo(new Scaling(5, 5, 40, NONE));

        QueueMembers low = new QueueMembers(OptionalInt.of(2), NONE, NONE);
        assertThat(scaling(low, MappingOptions.DEFAULT, NONE)).isEqualTo(new Scaling(2, 2, 2, NONE));
    }

    @Test
    void provisionedPollersHandleTenEach() {
        assertThat(scaling(new QueueMembers(NONE, OptionalInt.of(3), OptionalInt.of(7)), MappingOptions.DEFAULT, NONE))
                .isEqualTo(new Scaling(30, 30, 70, NONE));
        assertThat(scaling(new QueueMembers(NONE, OptionalInt.of(3), NONE), MappingOptions.DEFAULT, NONE))
                .isEqualTo(new Scaling(30, 30, 2_000, NONE));
        assertThat(scaling(new QueueMembers(NONE, NONE, OptionalInt.of(7)), MappingOptions.DEFAULT, NONE))
                .isEqualTo(new Scaling(20, 20, 70, NONE));
    }

    @Test
    void neverAsksForMoreThanTheFunctionTakes() {
        assertThat(scaling(QueueMembers.DEFAULT, MappingOptions.DEFAULT, OptionalInt.of(1)))
                .isEqualTo(new Scaling(1, 1, 1, NONE));
        assertThat(scaling(QueueMembers.DEFAULT, MappingOptions.DEFAULT, OptionalInt.of(0)))
                .isEqualTo(new Scaling(0, 0, 0, NONE));
        assertThat(scaling(QueueMembers.DEFAULT, MappingOptions.DEFAULT, OptionalInt.of(9_999))
                        .ceiling())
                .isEqualTo(1_250);
    }

    @Test
    void growsAtTheAwsPaceWhenAskedTo() {
        MappingOptions aws = options(GrowthPreset.AWS, NONE, 0);
        assertThat(scaling(QueueMembers.DEFAULT, aws, NONE).growthPerMinute()).hasValue(300);
        assertThat(scaling(new QueueMembers(NONE, OptionalInt.of(2), NONE), aws, NONE)
                        .growthPerMinute())
                .hasValue(1_000);
        MappingOptions own = options(GrowthPreset.AWS, OptionalInt.of(42), 0);
        assertThat(scaling(QueueMembers.DEFAULT, own, NONE).growthPerMinute()).hasValue(42);
    }

    @Test
    void keepsLongPollsOpenAsThePresetAndThePollersSay() {
        assertThat(policy("q", QueueMembers.DEFAULT, MappingOptions.DEFAULT, NONE)
                        .minimumReceives())
                .isEqualTo(1);
        assertThat(policy("q", QueueMembers.DEFAULT, options(GrowthPreset.AWS, NONE, 0), NONE)
                        .minimumReceives())
                .isEqualTo(2);
        assertThat(policy("q", new QueueMembers(NONE, OptionalInt.of(3), NONE), MappingOptions.DEFAULT, NONE)
                        .minimumReceives())
                .isEqualTo(3);
    }

    @Test
    void takesTheRestAsTheMappingSaysIt() {
        QueuePolicy standard = policy("q", QueueMembers.DEFAULT, MappingOptions.DEFAULT, NONE);
        assertThat(standard.batchSize()).isEqualTo(100);
        assertThat(standard.window()).isEqualTo(Duration.ofSeconds(5));
        assertThat(standard.functionTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(standard.maximumBytes()).as("the share of all").isEqualTo(1_000);
        assertThat(policy("q", QueueMembers.DEFAULT, options(GrowthPreset.FAST, NONE, 1), NONE)
                        .maximumBytes())
                .as("the mapping's own")
                .isEqualTo(1);
    }

    @Test
    void isNotForStreams() {
        StreamMembers stream =
                new StreamMembers(StartingPosition.LATEST, null, 1, -1, Duration.ZERO, false, Duration.ZERO, null);

        assertThatThrownBy(() -> policy("q", stream, MappingOptions.DEFAULT, NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
