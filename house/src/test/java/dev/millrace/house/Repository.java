package dev.millrace.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The files of this repository as they lie in the working tree, without what builds and editors leave behind. */
final class Repository {

    static final Path ROOT = root();

    private static final Set<String> GENERATED = Set.of("target", "node_modules");

    private Repository() {}

    private static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("poller-core/pom.xml"))) {
                return folder;
            }
        }
        throw new IllegalStateException("not inside the repository: " + start);
    }

    /** All files whose name ends like this, in order of their paths. */
    static List<Path> files(String ending) {
        List<Path> files = new ArrayList<>();
        try {
            // In a linked working tree .git is a file.
            Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return isForeign(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && file.toString().endsWith(ending) && !file.endsWith(".git")) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Collections.sort(files);
        return files;
    }

    /** Folders that are not part of the project: build output, hidden ones except the build server's. */
    private static boolean isForeign(Path folder) {
        String name = String.valueOf(folder.getFileName());
        boolean hidden = name.startsWith(".") && !name.equals(".ci") && !name.equals(".github");
        return !folder.equals(ROOT) && (hidden || GENERATED.contains(name));
    }

    /** The modules, as the folders under the root that hold a POM. */
    static List<String> modules() {
        return files("pom.xml").stream()
                .map(pom -> ROOT.relativize(pom.getParent()).toString())
                .filter(module -> !module.isEmpty())
                .toList();
    }

    static String read(Path file) {
        return readText(file).orElseThrow(() -> new IllegalStateException(shown(file) + " is not UTF-8"));
    }

    /** The file's text; empty for a binary file. */
    static Optional<String> readText(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (MalformedInputException binary) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path as messages show it: relative to the root, with slashes. */
    static String shown(Path file) {
        return ROOT.relativize(file).toString().replace('\\', '/');
    }
}
