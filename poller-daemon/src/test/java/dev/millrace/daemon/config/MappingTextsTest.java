package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.daemon.config.MappingTexts.Read;
import dev.millrace.mapping.EventSourceMapping;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingTextsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private ConfigFixture fixture;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private DaemonConfig config;

    @BeforeEach
    void configure() {
        fixture = new ConfigFixture(directory);
        config = fixture.valid("Region: eu-west-1\nFunctions: {f: {Fake: {}}}").config();
    }

    private MappingTexts texts() {
        return new MappingTexts(config, Plugins.installed(), ConfigFixture.NOW);
    }

    private Read read(String text) {
        fixture.file("mappings.yaml", text);
        return texts().file(directory.resolve("mappings.yaml"), Map.of("QUEUE", "orders")::get);
    }

    @Test
    void readsAFileOfMappingsWithVariablesAndFunctionsOfTemplates() {
        assertThat(read("""
            EventSourceMappings:
              - EventSourceArn: !Sub "arn:aws:sqs:${AWS::Region}:000000000000:first"
                FunctionName: f
              - {EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:${QUEUE}", FunctionName: f}
            """).mappings())
                .extracting(mapping -> mapping.eventSourceArn().toString())
                .containsExactly(
                        "arn:aws:sqs:eu-west-1:000000000000:first", "arn:aws:sqs:eu-west-1:000000000000:orders");
    }

    @Test
    void readsTheMappingsOfTemplates() {
        fixture.file("template.yaml", """
            Resources:
              Mapping:
                Type: AWS::Lambda::EventSourceMapping
                Properties: {EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:a", FunctionName: f, BatchSize: 3}
            """);

        assertThat(read("Templates: [template.yaml]").mappings())
                .singleElement()
                .extracting(EventSourceMapping::batchSize)
                .isEqualTo(3);
    }

    @Test
    void findsEverythingWrongWithAFile() {
        Read read = read("""
            Region: us-east-1
            EventSourceMappings:
              - {EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:a", FunctionName: g}
              - {EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:a", FunctionName: f, BatchSize: 0}
            """);

        assertThat(fixture.lines(read.problems()))
                .satisfiesExactly(
                        key -> assertThat(key)
                                .isEqualTo("mappings.yaml:1: Region: unknown key; known here: EventSourceMappings,"
                                        + " Templates"),
                        function -> assertThat(function)
                                .startsWith("mappings.yaml:3: EventSourceMappings[0].FunctionName: ")
                                .contains("no function 'g'"),
                        size -> assertThat(size).startsWith("mappings.yaml:4: EventSourceMappings[1].BatchSize: "));
    }

    @Test
    void saysThatAFileCannotBeRead() {
        assertThat(fixture.lines(
                        texts().file(directory.resolve("none.yaml"), _ -> null).problems()))
                .containsExactly("none.yaml: cannot be read: there is no such file");
    }

    @Test
    void writesWhatReadsAsTheSameMapping() {
        EventSourceMapping queue = read("""
            EventSourceMappings:
              - EventSourceArn: arn:aws:sqs:eu-west-1:000000000000:a
                FunctionName: f
                Enabled: false
                FilterCriteria: {Filters: [{Pattern: '{"body": {"a": ["x"]}}'}, {Pattern: '{"body": {"b": [1]}}'}]}
                ScalingConfig: {MaximumConcurrency: 7}
                Tags: {team: shop, stage: prod}
                Millrace: {Heartbeat: {MaximumSeconds: 60}, RetryBackoff: {BaseSeconds: 0.5}, WaitTimeSeconds: 3}
            """).mappings().getFirst();
        EventSourceMapping stream = read("""
            EventSourceMappings:
              - EventSourceArn: arn:aws:kinesis:eu-west-1:000000000000:stream/s
                FunctionName: f
                StartingPosition: AT_TIMESTAMP
                StartingPositionTimestamp: 1700000000.5
                ParallelizationFactor: 4
                MaximumRetryAttempts: 3
                DestinationConfig: {OnFailure: {Destination: "https://user:word@example.com/failed"}}
                Millrace: {Deaggregate: true, Retry: {BaseMilliseconds: 20}, MaximumBytesInFlight: 10000000}
            """).mappings().getFirst();

        for (EventSourceMapping mapping : new EventSourceMapping[] {queue, stream}) {
            String text = MappingTexts.write(mapping);
            Read again = texts().json("text", text);
            assertThat(again.problems()).isEmpty();
            assertThat(again.mappings()).containsExactly(mapping);
            assertThat(MappingTexts.write(again.mappings().getFirst())).isEqualTo(text);
        }
        assertThat(MappingTexts.write(stream)).contains("user:word@");
    }
}
