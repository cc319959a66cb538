package dev.millrace.daemon.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.EventSourceMapping;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingChangesTest {

    private static final String DISABLED = ", \"Enabled\": false";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private SharedFixture fixture;

    @BeforeEach
    void configure() {
        fixture = new SharedFixture(directory);
    }

    private static MappingChanges changes(
            List<EventSourceMapping> stop, List<EventSourceMapping> open, List<EventSourceMapping> openAfter) {
        return new MappingChanges(stop, open, openAfter);
    }

    @Test
    void changesNothingWhenEverythingIsAsItShouldBe() {
        EventSourceMapping polled = fixture.mapping(1, "a", "");

        MappingChanges changes = MappingChanges.between(
                List.of(polled), List.of(fixture.usable(1, "a", ""), fixture.usable(2, "b", DISABLED)));

        assertThat(changes.isEmpty()).isTrue();
    }

    @Test
    void opensWhatIsNewInTheOrderOfTheDefinitions() {
        assertThat(MappingChanges.between(
                        List.of(fixture.mapping(2, "b", "")),
                        List.of(fixture.usable(1, "a", ""), fixture.usable(2, "b", ""), fixture.usable(3, "c", ""))))
                .isEqualTo(changes(
                        List.of(), List.of(fixture.mapping(1, "a", ""), fixture.mapping(3, "c", "")), List.of()));
    }

    @Test
    void stopsWhatIsGoneDisabledOrNotUsableAnyMore() {
        List<EventSourceMapping> polled =
                List.of(fixture.mapping(1, "a", ""), fixture.mapping(2, "b", ""), fixture.mapping(3, "c", ""));

        assertThat(MappingChanges.between(
                        polled,
                        List.of(
                                fixture.usable(2, "b", DISABLED),
                                new ReadDefinition.Wrong(SharedFixture.definition(3, "{"), List.of("no JSON")))))
                .isEqualTo(changes(polled, List.of(), List.of()));
    }

    @Test
    void stopsWhatTheFileHasToo() {
        EventSourceMapping polled = fixture.mapping(1, "a", "");

        assertThat(MappingChanges.between(
                        List.of(polled),
                        List.of(new ReadDefinition.Overridden(
                                SharedFixture.definition(1, "{}"), polled, "it already exists"))))
                .isEqualTo(changes(List.of(polled), List.of(), List.of()));
    }

    @Test
    void opensAChangedMappingAfterItHasEnded() {
        EventSourceMapping before = fixture.mapping(1, "a", "");
        EventSourceMapping after = fixture.mapping(1, "a", ", \"BatchSize\": 5");

        assertThat(MappingChanges.between(List.of(before), List.of(fixture.usable(1, "a", ", \"BatchSize\": 5"))))
                .isEqualTo(changes(List.of(before), List.of(), List.of(after)));
    }

    @Test
    void opensAMappingOfTheSameSourceAndFunctionAfterTheOldOneHasEnded() {
        EventSourceMapping before = fixture.mapping(1, "a", "");

        assertThat(MappingChanges.between(
                        List.of(before), List.of(fixture.usable(2, "a", ""), fixture.usable(3, "c", ""))))
                .isEqualTo(changes(
                        List.of(before), List.of(fixture.mapping(3, "c", "")), List.of(fixture.mapping(2, "a", ""))));
    }
}
