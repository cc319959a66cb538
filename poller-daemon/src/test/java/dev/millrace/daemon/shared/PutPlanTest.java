package dev.millrace.daemon.shared;

import static dev.millrace.daemon.shared.SharedFixture.NOW;
import static dev.millrace.daemon.shared.SharedFixture.definition;
import static dev.millrace.daemon.shared.SharedFixture.id;
import static dev.millrace.daemon.shared.SharedFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.MappingDefinitions.Change;
import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.daemon.config.MappingTexts;
import dev.millrace.daemon.shared.PutPlan.Kind;
import dev.millrace.daemon.shared.PutPlan.Step;
import dev.millrace.mapping.EventSourceMapping;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PutPlanTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private SharedFixture fixture;

    @BeforeEach
    void configure() {
        fixture = new SharedFixture(directory);
    }

    private static Definition stored(EventSourceMapping mapping) {
        return new Definition(mapping.uuid(), MappingTexts.write(mapping), NOW.minusSeconds(60));
    }

    @Test
    void addsChangesAndLeaves() {
        EventSourceMapping left = fixture.mapping(1, "a", "");
        EventSourceMapping before = fixture.mapping(2, "b", "");
        EventSourceMapping after = fixture.mapping(2, "b", ", \"BatchSize\": 5");
        EventSourceMapping added = fixture.mapping(3, "c", "");

        PutPlan plan = PutPlan.of(List.of(left, after, added), fixture.read(stored(left), stored(before)), NOW);

        assertThat(plan.steps()).extracting(Step::kind).containsExactly(Kind.LEFT, Kind.CHANGED, Kind.ADDED);
        assertThat(plan.changes())
                .containsExactly(
                        new Change(new Definition(id(2), MappingTexts.write(after), NOW), stored(before)),
                        new Change(new Definition(id(3), MappingTexts.write(added), NOW), null));
        assertThat(plan.refusals()).isEmpty();
    }

    @Test
    void replacesWhatIsWrong() {
        Definition wrong = definition(1, "{");

        PutPlan plan = PutPlan.of(List.of(fixture.mapping(1, "a", "")), fixture.read(wrong), NOW);

        assertThat(plan.changes()).singleElement().extracting(Change::before).isEqualTo(wrong);
    }

    @Test
    void isInTheWayOfNoOtherMappingThatStays() {
        Definition staying = definition(1, json(1, "a", ""));

        assertThat(PutPlan.of(List.of(fixture.mapping(2, "a", "")), fixture.read(staying), NOW)
                        .refusals())
                .singleElement()
                .asString()
                .contains("already exists", id(1).toString());
        assertThat(PutPlan.of(
                                List.of(fixture.mapping(1, "b", ""), fixture.mapping(2, "a", "")),
                                fixture.read(staying),
                                NOW)
                        .refusals())
                .isEmpty();
    }

    @Test
    void keepsSecretKeysOutOfTheStore() {
        String keys = ", \"Millrace\": {\"Aws\": {\"Credentials\":"
                + " {\"AccessKeyId\": \"AKIA\", \"SecretAccessKey\": \"hidden\"}}}";
        String role = ", \"Millrace\": {\"Aws\": {\"Credentials\": {\"Profile\": \"shop\", \"AssumeRole\":"
                + " {\"RoleArn\": \"arn:aws:iam::123456789012:role/poller\", \"ExternalId\": \"theirs\"}}}}";

        assertThat(PutPlan.of(List.of(fixture.mapping(1, "a", keys)), List.of(), NOW)
                        .refusals())
                .singleElement()
                .asString()
                .contains("Millrace.Aws.Credentials", ":a", "AssumeRole")
                .doesNotContain("hidden");
        EventSourceMapping other = fixture.mapping(1, "a", role);
        PutPlan plan = PutPlan.of(List.of(other), List.of(), NOW);
        assertThat(plan.refusals()).isEmpty();
        assertThat(fixture.read(plan.changes().getFirst().definition()))
                .singleElement()
                .isEqualTo(new ReadDefinition.Usable(plan.changes().getFirst().definition(), other));
    }
}
