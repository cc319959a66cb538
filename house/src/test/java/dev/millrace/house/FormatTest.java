package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormatTest {

    @Test
    void everySourceIsFormatted() {
        Format format = new Format();
        List<String> unformatted = Repository.files(".java").stream()
                .filter(file -> differs(format, file))
                .map(Repository::shown)
                .toList();

        assertThat(unformatted).as("sources that 'make fmt' would change").isEmpty();
    }

    @Test
    void ordersImportsRemovesUnusedOnesAndKeepsComments() {
        String source = """
            package p;

            import java.util.Set;
            import java.util.Map;
            import java.util.List;

            /** A   comment. */
            class C { List<Map<String,String>> f = null; }
            """;

        assertThat(new Format().format(Repository.ROOT, source)).isEqualTo("""
            package p;

            import java.util.List;
            import java.util.Map;

            /** A   comment. */
            class C {
                List<Map<String, String>> f = null;
            }
            """);
    }

    private static boolean differs(Format format, Path file) {
        String source = Repository.read(file);
        return !format.format(file, source).equals(source);
    }
}
