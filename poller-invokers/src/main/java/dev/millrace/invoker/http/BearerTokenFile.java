package dev.millrace.invoker.http;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Optional;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token in a file that something else renews, such as a projected service account token of Kubernetes. Looked at
 * for every request (one call of {@code stat}), read when it has changed. Thread-safe: what was read is one immutable
 * value, and threads that see a change at the same time read the same.
 */
final class BearerTokenFile {

    /** Far above any token; a larger file is a mistake in the path. */
    private static final int LARGEST = 64 * 1024;

    private final Path path;
    private volatile @Nullable Content content;

    /** The header made of the file's token, and the file's state when it was read. */
    private record Content(
            FileTime modified, long size, @Nullable Object fileKey, Header header) {

        boolean isOf(BasicFileAttributes file) {
            return modified.equals(file.lastModifiedTime())
                    && size == file.size()
                    && Objects.equals(fileKey, file.fileKey());
        }
    }

    BearerTokenFile(Path path) {
        this.path = path;
    }

    /** What is wrong with the file, if anything is. */
    Optional<String> problem() {
        try {
            header();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The Authorization header with the token that the file holds.
     *
     * @throws IOException with a message for people when the file cannot be read or holds no token
     */
    Header header() throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            Content known = content;
            if (known == null || !known.isOf(file)) {
                known = new Content(file.lastModifiedTime(), file.size(), file.fileKey(), read());
                content = known;
            }
            return known.header();
        } catch (NoSuchFileException e) {
            throw new FileNotFoundException("the bearer token's file " + path + " does not exist");
        } catch (AccessDeniedException e) {
            throw new IOException("the bearer token's file " + path + " may not be read by this user", e);
        }
    }

    private Header read() throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(LARGEST + 1);
        }
        String token = new String(bytes, StandardCharsets.UTF_8).strip();
        if (token.isEmpty()) {
            throw new IOException("the bearer token's file " + path + " is empty");
        }
        if (bytes.length > LARGEST || token.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new IOException("the file " + path + " does not hold a bearer token: one word of ASCII characters");
        }
        return new BasicHeader(HttpSettings.AUTHORIZATION, "Bearer " + token, true);
    }
}
