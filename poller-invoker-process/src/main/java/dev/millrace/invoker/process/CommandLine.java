package dev.millrace.invoker.process;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a command written as one text into words, without a shell: blanks separate, single and double quotes group, a
 * backslash takes the next character literally (outside single quotes). Variables, globs, pipes and redirections have no
 * meaning; who needs them writes {@code [sh, -c, ...]}.
 */
final class CommandLine {

    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;

    private CommandLine() {}

    /** @throws IllegalArgumentException when a quote is not closed or the text ends in a backslash */
    static List<String> split(String text) {
        CommandLine line = new CommandLine();
        line.read(text);
        return List.copyOf(line.words);
    }

    private void read(String text) {
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'') {
                if (++i == text.length()) {
                    throw new IllegalArgumentException("ends in a backslash that escapes nothing");
                }
                append(text.charAt(i));
            } else if (quote != 0) {
                quote = quoted(c, quote);
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                endWord();
            } else {
                append(c);
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("has an opening " + quote + " without a closing one");
        }
        endWord();
    }

    private char quoted(char c, char quote) {
        if (c == quote) {
            return 0;
        }
        append(c);
        return quote;
    }

    private void append(char c) {
        word.append(c);
        inWord = true;
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }
}
