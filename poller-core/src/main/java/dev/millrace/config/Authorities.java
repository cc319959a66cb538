package dev.millrace.config;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Certificate authorities that are trusted besides the JVM's.
 *
 * @param file that they were read from, for people; null without any
 * @param certificates theirs
 */
public record Authorities(@Nullable Path file, List<X509Certificate> certificates) {

    public static final Authorities NONE = new Authorities(null, List.of());

    public Authorities {
        certificates = List.copyOf(certificates);
    }
}
