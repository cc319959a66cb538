package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(messages()).containsExactly("f:3: batchSize: 'many' is not a whole number up to 2147483647");
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

    @ParameterizedTest
    @ValueSource(strings = {"5d", "0x10", "NaN", "Infinity", "1,5", "", "901", "0.9", "1e9"})
    void takesOnlyPlainNumbersForADuration(String text) {
        Section section = section(Map.of("Timeout", scalar(text, 2)));

        assertThat(section.seconds("Timeout", Duration.ofSeconds(1), Duration.ofSeconds(900), Duration.ofSeconds(3)))
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(messages()).containsExactly("f:2: Timeout: '" + text + "' is not a number from 1 to 900");
    }

    @ParameterizedTest
    @CsvSource({"5, 5000", "1.5, 1500", "+2., 2000", "9e1, 90000"})
    void takesFractionsOfSeconds(String text, long millis) {
        Section section = section(Map.of("Timeout", scalar(text, 2)));

        assertThat(section.seconds("Timeout", Duration.ofSeconds(1), Duration.ofSeconds(900), Duration.ofSeconds(3)))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        http://127.0.0.1:9001 |
        HTTPS://host/a?b=c |
        ~~ | is empty; write a URL such as http://127.0.0.1:9001/
        host:80 | 'host:80' must begin with http:// or https://
        ftp://u:secret@host/ | 'ftp://...@host/' must begin with http:// or https://
        http://u:secret@ho st/ | 'http://...@ho st/' is not a URL: Illegal character in authority
        http://my_host/ | 'http://my_host/' has no host, or one that is not a host name (letters, digits, dots and hyphens)
        """)
    void readsUrlsWithoutShowingPasswords(String text, @Nullable String problem) {
        Section section = section(Map.of("Url", scalar(text, 2)));

        assertThat(section.httpUrl("Url").isPresent()).isEqualTo(problem == null);
        assertThat(messages()).isEqualTo(problem == null ? List.of() : List.of("f:2: Url: " + problem));
    }

    @Test
    void readsPaths() {
        Section section = section(Map.of("A", scalar(" a/b ", 2), "B", scalar(" ", 3), "C", scalar("a\0b", 4)));

        assertThat(section.path("A")).contains(Path.of("a", "b"));
        assertThat(section.path("B")).isEmpty();
        assertThat(section.path("C")).isEmpty();
        assertThat(section.path("D")).isEmpty();
        assertThat(messages())
                .containsExactly(
                        "f:3: B: is empty; write the path of a file or folder",
                        "f:4: C: is not a path: Nul character not allowed");
    }

    @Test
    void countsRelativePathsFromTheFolderOfTheFileThatNamesThem() {
        Position position = new Position("/etc/millrace/millrace.yaml", 1);
        Section section = new Section(
                "",
                new ConfigNode.Mapping(
                        Map.of(
                                "A", new ConfigNode.Scalar("ca.pem", position),
                                "B", new ConfigNode.Scalar("/srv/ca.pem", position)),
                        position),
                problems);

        assertThat(section.path("A")).contains(Path.of("/etc/millrace/ca.pem"));
        assertThat(section.path("B")).contains(Path.of("/srv/ca.pem"));
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
