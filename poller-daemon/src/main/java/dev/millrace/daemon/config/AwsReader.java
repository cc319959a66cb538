package dev.millrace.daemon.config;

import dev.millrace.config.Authorities;
import dev.millrace.config.AwsSection;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSection;
import dev.millrace.config.Section;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the keys {@code Region} and {@code AccountId} and the section {@code Aws} of the top level. */
final class AwsReader {

    private static final Pattern ACCOUNT_ID = Pattern.compile("[0-9]{12}");

    /** Far above a bundle of every public authority (about 250 kB). */
    private static final long LARGEST_BUNDLE = 4L * 1024 * 1024;

    private AwsReader() {}

    static AwsSettings read(Section root) {
        String region = AwsSection.region(root, "Region").orElse("us-east-1");
        String accountId = root.string("AccountId", "000000000000").strip();
        if (!ACCOUNT_ID.matcher(accountId).matches()) {
            root.problem("AccountId", "'" + accountId + "' is no account id of twelve digits");
        }
        AwsSettings plain = new AwsSettings(region, accountId, Map.of());
        return root.section("Aws").map(section -> read(section, plain)).orElse(plain);
    }

    private static AwsSettings read(Section section, AwsSettings plain) {
        AwsSettings read = new AwsSettings(
                plain.region(),
                plain.accountId(),
                AwsSection.endpoints(section),
                AwsSection.regions(section),
                null,
                CredentialSection.read(section),
                authorities(section).orElse(Authorities.NONE));
        section.rejectUnknownKeys();
        return read;
    }

    private static Optional<Authorities> authorities(Section section) {
        Optional<Path> path = section.path("CaCertificates");
        if (path.isEmpty()) {
            return Optional.empty();
        }
        Path file = path.get();
        try {
            return Optional.of(new Authorities(file, certificates(file)));
        } catch (IOException e) {
            section.problem("CaCertificates", String.valueOf(e.getMessage()));
        } catch (CertificateException e) {
            section.problem(
                    "CaCertificates",
                    file + " does not hold certificates in PEM form (-----BEGIN CERTIFICATE-----): " + e.getMessage());
        }
        return Optional.empty();
    }

    private static List<X509Certificate> certificates(Path file) throws IOException, CertificateException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException(
                    file + (Files.exists(file) ? " cannot be read by this user, or is no file" : " does not exist"));
        }
        if (Files.size(file) > LARGEST_BUNDLE) {
            throw new IOException(file + " is larger than 4 MiB; that is no bundle of authorities");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty()) {
                throw new CertificateException("it is empty");
            }
            return certificates;
        }
    }
}
