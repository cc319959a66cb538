package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CodeLinesTest {

    @Test
    void leavesOutBlankLinesAndComments() {
        String source = """
            /* a
               comment */ int a;

            // another
               \t
            String b = "/*";
            /** c */
            char d = '"'; // '
            """;

        assertThat(CodeLines.of(source).stream()).containsExactly(2, 6, 8);
    }

    @Test
    void countsTheLinesOfTextBlocks() {
        String source = "String a = \"\"\"\n  // text\n\n  \\\"\"\" more\n  \"\"\";\n// end";

        assertThat(CodeLines.of(source).stream()).containsExactly(1, 2, 4, 5);
    }
}
