package dev.millrace.house;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** One parsed source of the repository. */
final class JavaSource {

    private final String path;
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final BitSet codeLines;

    private JavaSource(Path file, CompilationUnitTree unit, SourcePositions positions) {
        this.path = Repository.shown(file);
        this.unit = unit;
        this.positions = positions;
        this.codeLines = CodeLines.of(Repository.read(file));
    }

    /** All sources, parsed by the compiler of the running JDK. */
    static List<JavaSource> all() {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, null, null, files.getJavaFileObjectsFromPaths(Repository.files(".java")));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            List<JavaSource> sources = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                sources.add(new JavaSource(Path.of(unit.getSourceFile().toUri()), unit, positions));
            }
            return sources;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String path() {
        return path;
    }

    CompilationUnitTree unit() {
        return unit;
    }

    boolean isTest() {
        return path.contains("/src/test/");
    }

    String packageName() {
        return String.valueOf(unit.getPackageName());
    }

    /** Where a tree stands, as editors take it: path and line. */
    String place(Tree tree) {
        return path + ":" + line(positions.getStartPosition(unit, tree));
    }

    /** Lines of code in a tree. */
    int codeLines(Tree tree) {
        int from = line(positions.getStartPosition(unit, tree));
        int to = line(positions.getEndPosition(unit, tree));
        return codeLines.get(from, to + 1).cardinality();
    }

    private int line(long position) {
        return (int) unit.getLineMap().getLineNumber(position);
    }
}
