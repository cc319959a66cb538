package dev.millrace.testkit.kinesis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An npm package of the repository's {@code emulators} folder, and the Node.js that runs it. */
final class NodePackage {

    private static final Path INSTALLED = Path.of("emulators", "node_modules");
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\..*");
    private static final int OLDEST_NODE = 20;
    private static final int NODE_ANSWERS_WITHIN_SECONDS = 20;

    private NodePackage() {}

    /** The folder of an installed package; nothing when it is not installed. */
    static Optional<Path> find(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path found = folder.resolve(INSTALLED).resolve(name);
            if (Files.isDirectory(found)) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** Whether {@code node} is on the path and new enough. */
    static boolean hasNode() {
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectErrorStream(true)
                    .start();
            String answer = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!node.waitFor(NODE_ANSWERS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                node.destroyForcibly();
                return false;
            }
            Matcher version = VERSION.matcher(answer);
            return version.matches() && Integer.parseInt(version.group(1)) >= OLDEST_NODE;
        } catch (IOException e) {
            // There is no such program.
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
