package dev.millrace.invoker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

    static Stream<Arguments> lines() {
        return Stream.of(
                Arguments.of("", List.of()),
                Arguments.of("  ", List.of()),
                Arguments.of("bootstrap", List.of("bootstrap")),
                Arguments.of(" java\t-cp  a.jar Main ", List.of("java", "-cp", "a.jar", "Main")),
                Arguments.of("a 'b c' \"d e\"", List.of("a", "b c", "d e")),
                Arguments.of("a '' \"\"", List.of("a", "", "")),
                Arguments.of("--x='1 2'3", List.of("--x=1 23")),
                Arguments.of("a\\ b \\\"", List.of("a b", "\"")),
                Arguments.of("'a\\b' \"a\\\"b\"", List.of("a\\b", "a\"b")),
                Arguments.of("echo $HOME *.txt | cat > x", List.of("echo", "$HOME", "*.txt", "|", "cat", ">", "x")));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void splitsWithoutAShell(String line, List<String> words) {
        assertThat(CommandLine.split(line)).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a 'b", "a \"b", "a\\"})
    void refusesWhatIsNotClosed(String line) {
        assertThatThrownBy(() -> CommandLine.split(line)).isInstanceOf(IllegalArgumentException.class);
    }
}
