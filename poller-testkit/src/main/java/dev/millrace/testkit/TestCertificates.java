package dev.millrace.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority with keys of its making, made afresh by the JDK's {@code keytool} in a folder of the test.
 * {@link #issue} adds certificates; keys and certificates can be had as PEM files or as TLS contexts.
 */
public final class TestCertificates {

    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String AUTHORITY = "authority";

    private final Path folder;
    private final Path store;

    private TestCertificates(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("all.p12");
    }

    /** Makes the authority. */
    public static TestCertificates in(Path folder) throws IOException, InterruptedException {
        TestCertificates certificates = new TestCertificates(folder);
        certificates.keytool(
                "-genkeypair", "-alias", AUTHORITY, "-keyalg", "EC", "-dname", "CN=Test Authority", "-ext", "bc:c");
        return certificates;
    }

    /**
     * Makes a key and a certificate signed by the authority.
     *
     * @param keyAlgorithm {@code RSA} or {@code EC}
     * @param subjectAlternativeName such as {@code ip:127.0.0.1}
     */
    public TestCertificates issue(String alias, String keyAlgorithm, String subjectAlternativeName)
            throws IOException, InterruptedException {
        keytool(
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                keyAlgorithm,
                "-dname",
                "CN=" + alias,
                "-signer",
                AUTHORITY,
                "-ext",
                "san=" + subjectAlternativeName);
        return this;
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-validity", "2"));
        command.addAll(List.of("-storepass", new String(PASSWORD)));
        Path output = folder.resolve("keytool.txt");
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            keytool.destroyForcibly();
            throw new IOException(command + " failed: " + Files.readString(output));
        }
    }

    /** The authority's certificate. */
    public Path authorityFile() throws IOException, GeneralSecurityException {
        return pem(
                "authority.pem", "CERTIFICATE", load().getCertificate(AUTHORITY).getEncoded());
    }

    /** The certificate and the authority's, as servers and clients present them. */
    public Path certificateFile(String alias) throws IOException, GeneralSecurityException {
        StringBuilder chain = new StringBuilder();
        for (Certificate certificate : load().getCertificateChain(alias)) {
            chain.append(block("CERTIFICATE", certificate.getEncoded()));
        }
        return Files.writeString(folder.resolve(alias + ".pem"), chain);
    }

    /** The key in PKCS#8 form. */
    public Path keyFile(String alias) throws IOException, GeneralSecurityException {
        return pem(
                alias + "-key.pem",
                "PRIVATE KEY",
                load().getKey(alias, PASSWORD).getEncoded());
    }

    /** For a server that presents the certificate and trusts clients that the authority has signed. */
    public SSLContext serverContext(String alias) throws IOException, GeneralSecurityException {
        KeyStore all = load();
        KeyStore own = empty();
        own.setKeyEntry(alias, all.getKey(alias, PASSWORD), PASSWORD, all.getCertificateChain(alias));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);
        KeyStore trusted = empty();
        trusted.setCertificateEntry(AUTHORITY, all.getCertificate(AUTHORITY));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private KeyStore load() throws IOException, GeneralSecurityException {
        KeyStore loaded = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            loaded.load(in, PASSWORD);
        }
        return loaded;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore empty = KeyStore.getInstance("PKCS12");
        empty.load(null, null);
        return empty;
    }

    private Path pem(String file, String label, byte[] encoded) throws IOException {
        return Files.writeString(folder.resolve(file), block(label, encoded));
    }

    /** One PEM block, with line ends. */
    public static String block(String label, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(encoded);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
