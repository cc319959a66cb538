package dev.millrace.house;

import java.util.BitSet;

/** Which lines of a Java source hold code: not those with nothing but white space, comments or both. Lines count from 1. */
final class CodeLines {

    private final String text;
    private final BitSet lines = new BitSet();
    private int at;
    private int line = 1;

    private CodeLines(String text) {
        this.text = text;
    }

    static BitSet of(String text) {
        CodeLines code = new CodeLines(text);
        while (code.at < text.length()) {
            code.step();
        }
        return code.lines;
    }

    private void step() {
        if (startsWith("//")) {
            skipTo(text.indexOf('\n', at));
        } else if (startsWith("/*")) {
            skipPast("*/", 2, false);
        } else if (startsWith("\"\"\"")) {
            skipPast("\"\"\"", 3, true);
        } else if (startsWith("\"")) {
            skipPast("\"", 1, true);
        } else if (startsWith("'")) {
            skipPast("'", 1, true);
        } else {
            mark();
            advance();
        }
    }

    private boolean startsWith(String token) {
        return text.startsWith(token, at);
    }

    private void skipTo(int end) {
        at = end < 0 ? text.length() : end;
    }

    /** Skips what starts here up to and with its end; marks its lines when it is a literal, whose escapes it obeys. */
    private void skipPast(String end, int opening, boolean literal) {
        int from = at;
        while (at < text.length()) {
            if (at >= from + opening && startsWith(end)) {
                break;
            }
            if (literal) {
                mark();
                if (text.charAt(at) == '\\') {
                    advance();
                }
            }
            advance();
        }
        for (int i = 0; i < end.length() && at < text.length(); i++) {
            if (literal) {
                mark();
            }
            advance();
        }
    }

    private void mark() {
        if (!Character.isWhitespace(text.charAt(at))) {
            lines.set(line);
        }
    }

    private void advance() {
        if (at < text.length() && text.charAt(at) == '\n') {
            line++;
        }
        at++;
    }
}
