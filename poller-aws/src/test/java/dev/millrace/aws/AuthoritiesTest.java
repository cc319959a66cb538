package dev.millrace.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.Authorities;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.testkit.TestCertificates;
import dev.millrace.testkit.sts.StsServer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers certified by an authority of one's own. */
class AuthoritiesTest {

    private static final CredentialSettings KEYS = new CredentialSettings(new AccessKeys("key", "secret", null), null);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private static TestCertificates certificates;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private static Authorities authorities;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = TestCertificates.in(directory)
                .issue("here", "EC", "ip:127.0.0.1")
                .issue("elsewhere", "EC", "dns:elsewhere.example");
        Path file = certificates.authorityFile();
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate authority =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            authorities = new Authorities(file, List.of(authority));
        }
    }

    @Test
    void aServerOfTheConfiguredAuthorityIsTrusted() throws Exception {
        try (SqsFake sqs = SqsFake.startTls(certificates.serverContext("here"))) {
            assertThat(sqs.call(sqs.settings(KEYS, Map.of(), authorities))).isEqualTo("key");
        }
    }

    @Test
    void aServerOfAnUnknownAuthorityIsNot() throws Exception {
        try (SqsFake sqs = SqsFake.startTls(certificates.serverContext("here"))) {
            assertThat(unreachable(sqs, sqs.settings(KEYS, Map.of()))).contains("PKIX path building failed");
        }
    }

    @Test
    void namesAreCheckedAllTheSame() throws Exception {
        try (SqsFake sqs = SqsFake.startTls(certificates.serverContext("elsewhere"))) {
            assertThat(unreachable(sqs, sqs.settings(KEYS, Map.of(), authorities)))
                    .contains("127.0.0.1");
        }
    }

    private static String unreachable(SqsFake sqs, AwsSettings aws) throws InterruptedException {
        CallFailure failure = CallFailure.of(
                catchThrowableOfType(
                        RuntimeException.class, () -> sqs.client(aws).listQueues()),
                "the queue");
        assertThat(failure).isInstanceOf(CallFailure.Unreachable.class);
        return ((CallFailure.Unreachable) failure).reason();
    }

    @Test
    void stsIsTrustedByTheSameAuthorities() throws Exception {
        CredentialSettings role = new CredentialSettings(
                KEYS.base(),
                new AssumedRole("arn:aws:iam::111122223333:role/reader", null, "millrace", Duration.ofHours(1)));
        try (StsServer sts = StsServer.startTls(certificates.serverContext("here"));
                SqsFake sqs = SqsFake.startTls(certificates.serverContext("here"))) {
            assertThat(sqs.call(sqs.settings(role, Map.of("Sts", sts.endpoint()), authorities)))
                    .isEqualTo("reader-1");
        }
    }

    @Test
    void theAuthoritiesOfTheJvmStayTrusted() throws Exception {
        TrustManagerFactory ofJvm = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        ofJvm.init((KeyStore) null);
        X509TrustManager before = (X509TrustManager) ofJvm.getTrustManagers()[0];

        X509TrustManager with = (X509TrustManager) TrustedAuthorities.with(authorities.certificates())[0];

        assertThat(with.getAcceptedIssuers())
                .contains(before.getAcceptedIssuers())
                .contains(authorities.certificates().getFirst());
    }
}
