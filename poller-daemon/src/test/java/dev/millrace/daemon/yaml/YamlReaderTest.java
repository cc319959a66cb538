package dev.millrace.daemon.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Problems;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlReaderTest {

    private final Problems problems = new Problems();

    @Test
    void keepsScalarsAsTextWithTheirLines() {
        assertThat(read("""
            a: 000000000000
            b:
              - 1.0
              - {c: yes, d: ~}
            e: "x"
            """)).isEqualTo("{a: 000000000000@1, b: [1.0@3, {c: yes@4, d: @4}@4]@2, e: x@5}@1");
    }

    @Test
    void reportsEveryDuplicateKey() {
        read("""
            a: 1
            b: {c: 1, c: 2}
            a: 2
            """);

        assertThat(messages())
                .containsExactly(
                        "f:2: b.c: is given twice, first in line 2", "f:3: a: is given twice, first in line 1");
    }

    @Test
    void mergesAnchoredSections() {
        assertThat(read("""
            base: &base {x: 1, y: 2}
            derived:
              <<: *base
              y: 3
            """)).isEqualTo("{base: {x: 1@1, y: 2@1}@1, derived: {y: 3@4, x: 1@1}@2}@1");
    }

    @Test
    void writesShortFormsOutInFull() {
        assertThat(read("""
            a: !Ref X
            b: !GetAtt X.Arn
            c: !If [C, !Sub "${X}", 1]
            """))
                .isEqualTo("{a: {Ref: X@1}@1, b: {Fn::GetAtt: X.Arn@2}@2,"
                        + " c: {Fn::If: [C@3, {Fn::Sub: ${X}@3}@3, 1@3]@3}@3}@1");
    }

    @Test
    void readsJsonIndentedWithTabs() {
        assertThat(read("{\n\t\"a\": {\n\t\t\"b\": \"c\\u00e9\\/\"\n\t}\n}\n")).isEqualTo("{a: {b: cé/@3}@2}@1");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        a: [1 | f:1: is not valid YAML: expected ',' or ']', but got <stream end>
        a: &x [*x] | f:0?
        a: *nothing | f:1: is not valid YAML: found undefined alias nothing
        ~a:
        \tb: 1~ | f:2: is not valid YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)
        ~a: 1
        ? [b, c]
        : d~ | f:2: a key must be a single word, not a list or section
        ~# nothing~ | f:1: is empty; a configuration names Functions and EventSourceMappings, a template Resources
        [1, 2] | f:1: expected keys and values, such as 'Region: us-east-1'
        """)
    void reportsWhatIsNoYaml(String text, String message) {
        read(text);

        if (message.equals("f:0?")) {
            assertThat(messages()).singleElement().asString().contains("is not valid YAML");
        } else {
            assertThat(messages()).containsExactly(message);
        }
    }

    @Test
    void refusesASecondDocument() {
        read("a: 1\n---\nb: 2\n");

        assertThat(messages())
                .containsExactly("f:2: holds more than one document; remove the line --- or make it two files");
    }

    @Test
    void stopsAtDocumentsWhoseAnchorsMultiply() {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            String previous = "*a" + (i - 1);
            text.append("a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", Collections.nCopies(10, previous))));
        }

        read(text.toString());

        assertThat(messages()).containsExactly("f: is not valid YAML: it has more than 200000 values");
    }

    private String read(String text) {
        return YamlReader.read("f", text, problems).map(YamlReaderTest::render).orElse("");
    }

    private List<String> messages() {
        return problems.all().stream().map(Object::toString).toList();
    }

    private static String render(ConfigNode node) {
        String text = switch (node) {
            case ConfigNode.Scalar scalar -> scalar.text();
            case ConfigNode.Sequence list ->
                list.items().stream().map(YamlReaderTest::render).collect(Collectors.joining(", ", "[", "]"));
            case ConfigNode.Mapping mapping ->
                mapping.entries().entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + render(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
        };
        return text + "@" + node.position().line();
    }
}
