package dev.millrace.daemon.shared;

import static dev.millrace.daemon.shared.SharedFixture.definition;
import static dev.millrace.daemon.shared.SharedFixture.id;
import static dev.millrace.daemon.shared.SharedFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.daemon.shared.ReadDefinition.Overridden;
import dev.millrace.daemon.shared.ReadDefinition.Usable;
import dev.millrace.daemon.shared.ReadDefinition.Wrong;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionReaderTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void readsAMappingAsTheConfigurationWould() {
        SharedFixture fixture = new SharedFixture(directory);

        assertThat(fixture.read(definition(1, json(1, "a", ", \"BatchSize\": \"5\""))))
                .singleElement()
                .isInstanceOfSatisfying(Usable.class, usable -> {
                    assertThat(usable.mapping().batchSize()).isEqualTo(5);
                    assertThat(usable.mapping().uuid()).isEqualTo(id(1));
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        , "BatchSize": 0                                          | BatchSize: |
        , "BatchSzie": 5                                          | BatchSzie: unknown key; did you mean 'BatchSize'?
        , "StartingPosition": "LATEST"                            | StartingPosition: |
        , "FilterCriteria": {"Filters": [{"Pattern": "{"}]}       | FilterCriteria
        , "Millrace": {"WaitTimeSeconds": 21}                     | Millrace.WaitTimeSeconds: '21'
        """)
    void saysWhatIsWrong(String members, String problem) {
        SharedFixture fixture = new SharedFixture(directory);
        Definition good = definition(2, json(2, "b", ""));

        List<ReadDefinition> read = fixture.read(definition(1, json(1, "a", members)), good);

        assertThat(read.getFirst())
                .isInstanceOfSatisfying(
                        Wrong.class,
                        wrong -> assertThat(wrong.problems())
                                .anySatisfy(text -> assertThat(text).contains(problem)));
        assertThat(read.get(1)).isInstanceOf(Usable.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {            | is not valid YAML
        ''           | is empty
        [1]          | expected keys and values
        """)
    void saysWhatIsNoMappingAtAll(String text, String problem) {
        assertThat(new SharedFixture(directory).read(definition(1, text)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Wrong.class,
                        wrong -> assertThat(wrong.problems())
                                .singleElement()
                                .asString()
                                .contains(problem));
    }

    @Test
    void namesTheFunctionThatThisNodeDoesNotHave() {
        assertThat(new SharedFixture(directory)
                        .read(definition(1, json(1, "a", "").replace("\"f\"", "\"ff\""))))
                .singleElement()
                .isInstanceOfSatisfying(
                        Wrong.class,
                        wrong -> assertThat(wrong.problems())
                                .singleElement()
                                .asString()
                                .contains("FunctionName: ", "no function 'ff'", "did you mean 'f'?"));
    }

    @Test
    void refusesATextThatIsAnotherMappings() {
        assertThat(new SharedFixture(directory).read(definition(1, json(2, "a", ""))))
                .singleElement()
                .isInstanceOfSatisfying(
                        Wrong.class,
                        wrong -> assertThat(wrong.problems())
                                .singleElement()
                                .asString()
                                .contains("UUID: " + id(2), id(1).toString()));
    }

    @Test
    void takesTheFirstOfTwoWithTheSameSourceAndFunction() {
        List<ReadDefinition> read =
                new SharedFixture(directory).read(definition(1, json(1, "a", "")), definition(2, json(2, "a", "")));

        assertThat(read.getFirst()).isInstanceOf(Usable.class);
        assertThat(read.get(1))
                .isInstanceOfSatisfying(
                        Wrong.class,
                        wrong -> assertThat(wrong.problems())
                                .singleElement()
                                .asString()
                                .contains("already exists", id(1).toString()));
    }

    @Test
    void letsTheFileCountForTheSameIdAndForTheSameSourceAndFunction() {
        SharedFixture fixture = new SharedFixture(directory, """
            EventSourceMappings:
              - {UUID: %s, EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:other", FunctionName: g}
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:b", FunctionName: f, Enabled: false}
            """.formatted(id(1)));

        List<ReadDefinition> read = fixture.read(
                definition(1, json(1, "a", "")), definition(2, json(2, "b", "")), definition(3, json(3, "c", "")));

        assertThat(read.get(0)).isInstanceOf(Overridden.class);
        assertThat(read.get(1)).isInstanceOf(Overridden.class);
        assertThat(read.get(2)).isInstanceOf(Usable.class);
    }
}
