package dev.millrace.house;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The format of every source: palantir-java-format, 120 columns, imports in order and none unused; comments stay as they
 * are. Run as a program ({@code make fmt}) it rewrites the sources that differ.
 */
final class Format {

    private final Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(Style.PALANTIR)
            .formatJavadoc(false)
            .build());

    /** The source as it should be. */
    String format(Path file, String source) {
        try {
            return formatter.formatSourceAndFixImports(source);
        } catch (FormatterException e) {
            throw new IllegalArgumentException(Repository.shown(file) + " cannot be parsed: " + e.getMessage(), e);
        }
    }

    public static void main(String[] arguments) throws IOException {
        Format format = new Format();
        int rewritten = 0;
        for (Path file : Repository.files(".java")) {
            String source = Repository.read(file);
            String formatted = format.format(file, source);
            if (!formatted.equals(source)) {
                Files.writeString(file, formatted);
                System.out.println("formatted " + Repository.shown(file));
                rewritten++;
            }
        }
        System.out.println(rewritten == 0 ? "everything was formatted" : rewritten + " files rewritten");
    }
}
