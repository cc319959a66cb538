package dev.millrace.daemon.config;

import dev.millrace.coordination.PlacementProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * What only several nodes need, a hundred jars of the Kinesis Client Library among it: in a folder beside the daemon's own jars,
 * and loaded when a configuration asks for it, so that a node that stands alone pays nothing for it.
 */
final class ClusterJars {

    private static final String FOLDER = "lib-cluster";

    private ClusterJars() {}

    /** The provider of the class path, such as in tests, or of the folder. */
    static Optional<PlacementProvider> placement() {
        return ServiceLoader.load(PlacementProvider.class, loader()).findFirst();
    }

    /** Never closed: what it has loaded is used until the process ends. */
    private static ClassLoader loader() {
        ClassLoader own = ClusterJars.class.getClassLoader();
        Path folder = folder();
        if (!Files.isDirectory(folder)) {
            return own;
        }
        try (Stream<Path> jars = Files.list(folder)) {
            return new URLClassLoader(
                    FOLDER,
                    jars.filter(jar -> jar.toString().endsWith(".jar"))
                            .sorted()
                            .map(ClusterJars::url)
                            .toArray(URL[]::new),
                    own);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(jar + " cannot be written as a URL", e);
        }
    }

    private static Path folder() {
        try {
            URI jar = ClusterJars.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            return Path.of(jar)
                    .toAbsolutePath()
                    .resolveSibling("..")
                    .resolve(FOLDER)
                    .normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the daemon's own jar cannot be found", e);
        }
    }
}
