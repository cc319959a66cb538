package dev.millrace.daemon.config;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.daemon.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The files of one configuration, in the order in which they were read. Not thread-safe. */
final class ConfigFiles {

    /** A file larger than this is not meant to be a configuration. */
    private static final int MAXIMUM_BYTES = 3_000_000;

    private final Problems problems;
    private final List<String> names = new ArrayList<>();

    ConfigFiles(Problems problems) {
        this.problems = problems;
    }

    /** The file as a tree, or empty with a problem that says why not. */
    Optional<ConfigNode.Mapping> read(Path file) {
        Position itself = new Position(file.toString(), 0);
        return read(file, reason -> problems.add(itself, "", "cannot be read: " + reason));
    }

    /** The same for a file that another one names, whose key is where a file that cannot be read is reported. */
    Optional<ConfigNode.Mapping> read(Path file, Position position, String path) {
        return read(file, reason -> problems.add(position, path, "'" + file + "' cannot be read: " + reason));
    }

    private Optional<ConfigNode.Mapping> read(Path file, Consumer<String> unreadable) {
        String name = file.toString();
        names.add(name);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAXIMUM_BYTES + 1);
            if (bytes.length > MAXIMUM_BYTES) {
                unreadable.accept("it is larger than 3 MB");
                return Optional.empty();
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return YamlReader.read(name, text, problems);
        } catch (NoSuchFileException e) {
            unreadable.accept("there is no such file");
        } catch (AccessDeniedException e) {
            unreadable.accept("access is denied; make it readable for the user that runs Millrace");
        } catch (CharacterCodingException e) {
            unreadable.accept("it is not UTF-8 text");
        } catch (IOException e) {
            unreadable.accept(Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    /** The problems by file and line, each once. */
    List<Problems.Problem> sorted(List<Problems.Problem> found) {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparingInt((Problems.Problem problem) ->
                                names.indexOf(problem.position().file()))
                        .thenComparingInt(problem -> problem.position().line()))
                .toList();
    }
}
