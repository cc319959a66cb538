package dev.millrace.invoker.http;

import dev.millrace.config.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Tls} section: whom to trust and who we are, from PEM files that are read once. Checking the server's
 * certificate and name cannot be switched off.
 */
final class TlsFiles {

    /** Of the key store in memory; protects nothing. */
    private static final char[] PASSWORD = {};

    private TlsFiles() {}

    /** Reads the section; empty when it is empty or wrong. */
    static Optional<SSLContext> read(Section section) {
        int problemsBefore = section.problems().all().size();
        Optional<List<X509Certificate>> authorities = certificates(section, "CaFile");
        Optional<List<X509Certificate>> chain = certificates(section, "CertificateFile");
        Optional<PrivateKey> key = key(section);
        if (section.has("CertificateFile") != section.has("KeyFile")) {
            section.problem(
                    section.has("KeyFile") ? "KeyFile" : "CertificateFile",
                    "CertificateFile and KeyFile belong together; give both or none");
        }
        if (chain.isPresent()
                && key.isPresent()
                && !belongTogether(key.get(), chain.get().getFirst())) {
            section.problem("KeyFile", "is not the key of the first certificate in CertificateFile");
        }
        section.rejectUnknownKeys();
        boolean usable = section.problems().all().size() == problemsBefore;
        if (!usable || (authorities.isEmpty() && chain.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(context(authorities.orElse(null), chain.orElse(null), key.orElse(null)));
    }

    private static Optional<List<X509Certificate>> certificates(Section section, String key) {
        Optional<Path> path = section.path(key);
        try {
            return path.isEmpty() ? Optional.empty() : Optional.of(new PemFile(path.get()).certificates());
        } catch (IOException e) {
            section.problem(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<PrivateKey> key(Section section) {
        Optional<Path> path = section.path("KeyFile");
        try {
            return path.isEmpty() ? Optional.empty() : Optional.of(new PemFile(path.get()).privateKey());
        } catch (IOException e) {
            section.problem("KeyFile", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Signs with the one and verifies with the other. */
    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] sample = new byte[32];
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(sample);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + algorithm, e);
        }
    }

    private static SSLContext context(
            @Nullable List<X509Certificate> authorities,
            @Nullable List<X509Certificate> chain,
            @Nullable PrivateKey key) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    chain == null || key == null ? null : keyManagers(chain, key),
                    authorities == null ? null : trustManagers(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("certificates that could be read can be stored in memory", e);
        }
    }

    private static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("ca-" + store.size(), authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keyManagers(List<X509Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry("client", key, PASSWORD, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
