package dev.millrace.invoker.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and private keys in PEM form (RFC 7468). Every error's message names the file and the remedy. */
final class PemFile {

    /** Far above a bundle of every public authority (about 250 kB). */
    private static final int LARGEST = 4 * 1024 * 1024;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN (?<label>[A-Z0-9 ]+)-----(?<body>[^-]*)-----END \\k<label>-----");

    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private final Path path;

    PemFile(Path path) {
        this.path = path;
    }

    /** All certificates of the file, in its order; at least one. */
    List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text()); block.find(); ) {
            if (block.group("label").endsWith("CERTIFICATE")) {
                certificates.add(certificate(decoded(block)));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException(path + " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
        }
        return certificates;
    }

    private X509Certificate certificate(byte[] encoded) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        } catch (CertificateException e) {
            throw new IOException(path + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    /** The file's private key, which must be PKCS#8 and not encrypted. Certificates beside it are passed over. */
    PrivateKey privateKey() throws IOException {
        for (Matcher block = BLOCK.matcher(text()); block.find(); ) {
            switch (block.group("label")) {
                case "PRIVATE KEY" -> {
                    return key(decoded(block));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new IOException(path + " holds an encrypted key, for which there is no place to give a"
                            + " password; decrypt it with: openssl pkcs8 -in " + path + " -out key.pem");
                case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
                    throw new IOException(path + " holds a key of the old form '" + block.group("label")
                            + "'; convert it with: openssl pkcs8 -topk8 -nocrypt -in " + path + " -out key.pem");
                default -> {
                    // A certificate or parameters beside the key.
                }
            }
        }
        throw new IOException(path + " holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
    }

    private PrivateKey key(byte[] encoded) throws IOException {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm.
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has " + algorithm, e);
            }
        }
        throw new IOException(path + " holds a private key that is broken or none of " + KEY_ALGORITHMS);
    }

    private byte[] decoded(Matcher block) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(block.group("body"));
        } catch (IllegalArgumentException e) {
            throw new IOException(path + " holds a block that is not base64: " + e.getMessage(), e);
        }
    }

    private String text() throws IOException {
        if (!Files.isReadable(path)) {
            throw new IOException(path + (Files.exists(path) ? " may not be read by this user" : " does not exist"));
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(LARGEST + 1);
        } catch (IOException e) {
            throw new IOException(path + " cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length > LARGEST) {
            throw new IOException(path + " is larger than " + LARGEST + " bytes; that is no PEM file");
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
