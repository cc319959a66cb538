package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SectionTest {

    private final Problems problems = new Problems();

    @ParameterizedTest
    @CsvSource({
        "BatchSize, batchSize",
        "UUID, uuid",
        "KmsKeyArn, kmsKeyArn",
        "KMSKeyArn, kmsKeyArn",
        "DocumentDBEventSourceConfig, documentDBEventSourceConfig",
        "already, already"
    })
    void spellsKeysInLowerCamel(String key, String lowerCamel) {
        assertThat(KeySpelling.lowerCamel(key)).isEqualTo(lowerCamel);
    }

    @Test
    void readsAKeyInEitherSpellingAndReportsItAsWritten() {
        Section section = section(Map.of("batchSize", scalar("many", 3)));

        assertThat(section.integer("BatchSize")).isEmpty();
        section.rejectUnknownKeys();
        assertThat(messages()).containsExactly("f:3: batchSize: 'many' is not a whole number");
    }

    @Test
    void reportsAKeyGivenInBothSpellings() {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        entries.put("BatchSize", scalar("1", 1));
        entries.put("batchSize", scalar("2", 2));
        Section section = section(entries);

        assertThat(section.integer("BatchSize")).hasValue(1);
        section.rejectUnknownKeys();
        assertThat(messages()).containsExactly("f:2: batchSize: unknown key: it is already given as 'BatchSize'");
    }

    @Test
    void findsTheDeepestPartOfAPathThatExists() {
        Section section = section(Map.of(
                "filterCriteria",
                new ConfigNode.Mapping(
                        Map.of(
                                "Filters",
                                new ConfigNode.Sequence(
                                        List.of(scalar("", 5), new ConfigNode.Mapping(Map.of(), new Position("f", 6))),
                                        new Position("f", 4))),
                        new Position("f", 3))));

        assertThat(section.positionAt("FilterCriteria.Filters[1].Pattern").line())
                .isEqualTo(6);
        assertThat(section.positionAt("FilterCriteria.Filters[7].Pattern").line())
                .isEqualTo(4);
        assertThat(section.positionAt("BatchSize").line()).isEqualTo(1);
    }

    private List<String> messages() {
        return problems.all().stream().map(Problems.Problem::toString).toList();
    }

    private Section section(Map<String, ConfigNode> entries) {
        return new Section("", new ConfigNode.Mapping(entries, new Position("f", 1)), problems);
    }

    private static ConfigNode scalar(String text, int line) {
        return new ConfigNode.Scalar(text, new Position("f", line));
    }
}
