package dev.millrace.invoke;

import java.nio.charset.StandardCharsets;

/** The beginning of a text that somebody else wrote, bounded so that it fits into a line of the log. */
public final class Excerpt {

    private static final String CUT = "…";

    private Excerpt() {}

    /**
     * The beginning of a body as one line of text; empty when there is nothing to read.
     *
     * @param longest in characters, at least 2
     */
    public static String of(byte[] body, int longest) {
        // A character takes up to four bytes.
        String text = new String(body, 0, Math.min(body.length, longest * 4), StandardCharsets.UTF_8);
        return of(text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip(), longest);
    }

    /**
     * The beginning of a text, as it is; the whole text when it is short enough.
     *
     * @param longest in characters, at least 2
     */
    public static String of(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 2)) ? longest - 2 : longest - 1;
        return text.substring(0, end) + CUT;
    }
}
