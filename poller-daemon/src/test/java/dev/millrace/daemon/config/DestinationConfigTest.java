package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DestinationConfigTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private ConfigFixture fixture;

    @BeforeEach
    void makeFixture() {
        fixture = new ConfigFixture(directory);
    }

    @Test
    void reportsDestinationsThatNobodyDeliversTo() {
        assertThat(fixture.problems("""
            Functions: {f: {Fake: {}}, g: {Fake: {}}, h: {Fake: {}}}
            EventSourceMappings:
              - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/s
                FunctionName: f
                StartingPosition: LATEST
                DestinationConfig:
                  OnFailure:
                    Destination: arn:aws:sns:us-east-1:000000000000:failed
              - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/s
                FunctionName: g
                StartingPosition: LATEST
                Enabled: false
                DestinationConfig: {OnFailure: {Destination: "arn:aws:sns:us-east-1:000000000000:failed"}}
              - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/s
                FunctionName: h
                StartingPosition: LATEST
                destinationConfig: {onFailure: {destination: "file:/var/log/"}}
            """))
                .containsExactly(
                        "millrace.yaml:8: EventSourceMappings[0].DestinationConfig.OnFailure.Destination: nothing that"
                                + " delivers to 'arn:aws:sns:us-east-1:000000000000:failed' is installed; put a jar"
                                + " that does on the class path, or choose another destination",
                        "millrace.yaml:17: EventSourceMappings[2].DestinationConfig.OnFailure.Destination:"
                                + " 'file:/var/log/' is a folder");
    }

    @Test
    void takesAFileAsADestinationAndMasksThePasswordOfAUrl() {
        LoadedConfig.Valid valid = fixture.valid("""
            Functions: {f: {Fake: {}}, g: {Fake: {}}}
            EventSourceMappings:
              - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/s
                FunctionName: f
                StartingPosition: LATEST
                DestinationConfig: {OnFailure: {Destination: "file:/var/log/discards.jsonl"}}
              - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/s
                FunctionName: g
                StartingPosition: LATEST
                DestinationConfig: {OnFailure: {Destination: "https://me:pa55@host/discards"}}
            """);

        assertThat(valid.config().mappings())
                .extracting(mapping -> ((StreamMembers) mapping.source()).onFailureDestination())
                .containsExactly("file:/var/log/discards.jsonl", "https://me:pa55@host/discards");
        assertThat(valid.effective())
                .contains("file:/var/log/discards.jsonl", "https://me:********@host/discards")
                .doesNotContain("pa55");
    }

    @Test
    void aDestinationsFileCountsFromTheFolderOfTheConfiguration() {
        LoadedConfig.Valid valid = fixture.valid("""
            Functions: {f: {Fake: {}}}
            EventSourceMappings:
              - EventSourceArn: arn:aws:kinesis:us-east-1:000000000000:stream/s
                FunctionName: f
                StartingPosition: LATEST
                DestinationConfig: {OnFailure: {Destination: "file:logs/discards.jsonl"}}
            """);

        assertThat(valid.config().mappings())
                .extracting(mapping -> ((StreamMembers) mapping.source()).onFailureDestination())
                .containsExactly("file:" + directory.resolve("logs/discards.jsonl"));
    }
}
