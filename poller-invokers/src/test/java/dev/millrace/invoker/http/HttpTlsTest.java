package dev.millrace.invoker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.Succeeded;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import dev.millrace.invoker.TestConfig;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import dev.millrace.testkit.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HttpTlsTest {

    private static final FunctionSettings FUNCTION = TestConfig.function(Duration.ofSeconds(20));

    @TempDir
    private static Path folder;

    @TempDir
    private static Path otherFolder;

    private static TestCertificates certificates;
    private static TestCertificates others;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = TestCertificates.in(folder)
                .issue("server", "EC", "ip:127.0.0.1")
                .issue("misnamed", "EC", "dns:elsewhere.example")
                .issue("client", "RSA", "dns:client")
                .issue("ec-client", "EC", "dns:client");
        others = TestCertificates.in(otherFolder).issue("stranger", "EC", "dns:client");
    }

    @Test
    void trustsTheAuthorityOfTheFile() throws Exception {
        try (FunctionServer server = serving("server", false)) {
            assertThat(invoke(server, tls("CaFile", certificates.authorityFile())))
                    .isInstanceOf(Succeeded.class);
        }
    }

    @Test
    void carriesLargeEventsAndReusesTheConnection() throws Exception {
        try (FunctionServer server = serving("server", false);
                Invoker invoker = open(server.url(), tls("CaFile", certificates.authorityFile()))) {
            server.always(call -> FunctionAnswer.ok(call.body()));
            for (int i = 0; i < 3; i++) {
                String large = "ä".repeat(1_000_000);
                InvocationOutcome outcome =
                        invoker.invoke(InvokerContract.request(Payload.ofText(large), Duration.ofSeconds(20)));
                assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Succeeded.class,
                                it -> assertThat(it.answer().text().equals(large))
                                        .isTrue());
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void doesNotTrustAnUnknownAuthorityNorTheAuthorityOfAnother() throws Exception {
        try (FunctionServer server = serving("server", false)) {
            for (Map<String, String> tls : List.of(tls(), tls("CaFile", others.authorityFile()))) {
                assertThat(invoke(server, tls))
                        .isInstanceOfSatisfying(
                                Unavailable.class,
                                it -> assertThat(it.reason())
                                        .startsWith("no TLS connection to " + server.url())
                                        .contains("check the function's Tls section"));
            }
            assertThat(server.calls()).isEmpty();
        }
    }

    @Test
    void checksTheNameInTheServersCertificate() throws Exception {
        try (FunctionServer server = serving("misnamed", false)) {
            assertThat(invoke(server, tls("CaFile", certificates.authorityFile())))
                    .isInstanceOfSatisfying(
                            Unavailable.class, it -> assertThat(it.reason()).contains("127.0.0.1", "its names"));
            assertThat(server.calls()).isEmpty();
        }
    }

    @Test
    void showsItsClientCertificate() throws Exception {
        try (FunctionServer server = serving("server", true)) {
            for (String client : List.of("client", "ec-client")) {
                Map<String, String> tls = tls(
                        "CaFile",
                        certificates.authorityFile(),
                        "CertificateFile",
                        certificates.certificateFile(client),
                        "KeyFile",
                        certificates.keyFile(client));
                assertThat(invoke(server, tls)).isInstanceOf(Succeeded.class);
            }
        }
    }

    @Test
    void isUnavailableWithoutTheClientCertificateThatTheServerWants() throws Exception {
        try (FunctionServer server = serving("server", true)) {
            Map<String, String> stranger = tls(
                    "CaFile",
                    certificates.authorityFile(),
                    "CertificateFile",
                    others.certificateFile("stranger"),
                    "KeyFile",
                    others.keyFile("stranger"));
            for (Map<String, String> tls : List.of(tls("CaFile", certificates.authorityFile()), stranger)) {
                assertThat(invoke(server, tls)).isInstanceOf(Unavailable.class);
            }
            assertThat(server.calls()).isEmpty();
        }
    }

    @Test
    void plainHttpToATlsPortIsNoSuccess() throws Exception {
        try (FunctionServer secure = serving("server", false);
                Invoker tooPlain = open(URI.create("http://127.0.0.1:" + secure.port()), Map.of())) {
            assertThat(invoke(tooPlain)).isNotInstanceOf(Succeeded.class);
        }
    }

    @Test
    void tlsToAPlainPortIsUnavailable() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Invoker tooSecure = open(URI.create("https://127.0.0.1:" + plain.getLocalPort()), Map.of())) {
            Thread.ofVirtual().name("plain").start(() -> greet(plain));

            assertThat(invoke(tooSecure))
                    .isInstanceOfSatisfying(
                            Unavailable.class, it -> assertThat(it.reason()).startsWith("no TLS connection to"));
        }
    }

    private static void greet(ServerSocket listener) {
        try (Socket socket = listener.accept()) {
            socket.getOutputStream()
                    .write("220 smtp.example ESMTP ready to serve you\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The client went away.
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Path key = certificates.keyFile("client");
        Path pkcs1 = Files.writeString(
                folder.resolve("pkcs1.pem"), Files.readString(key).replace("PRIVATE KEY", "RSA PRIVATE KEY"));
        Path encrypted = Files.writeString(
                folder.resolve("encrypted.pem"), Files.readString(key).replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
        Path broken = Files.writeString(
                folder.resolve("broken.pem"), TestCertificates.block("PRIVATE KEY", new byte[] {1, 2, 3}));
        Path certificate = certificates.certificateFile("client");

        assertThat(problems(tls("CertificateFile", certificate, "KeyFile", pkcs1)))
                .containsExactly("2: Tls.KeyFile: " + pkcs1 + " holds a key of the old form 'RSA PRIVATE KEY';"
                        + " convert it with: openssl pkcs8 -topk8 -nocrypt -in " + pkcs1 + " -out key.pem");
        assertThat(problems(tls("CertificateFile", certificate, "KeyFile", encrypted)))
                .singleElement()
                .asString()
                .contains("holds an encrypted key", "openssl pkcs8 -in " + encrypted);
        assertThat(problems(tls("CertificateFile", certificate, "KeyFile", broken)))
                .singleElement()
                .asString()
                .contains("holds a private key that is broken or none of [RSA, EC, EdDSA]");
        assertThat(problems(tls("CertificateFile", certificate, "KeyFile", certificates.keyFile("ec-client"))))
                .containsExactly("2: Tls.KeyFile: is not the key of the first certificate in CertificateFile");
        assertThat(problems(tls("CertificateFile", certificate)))
                .containsExactly(
                        "1: Tls.CertificateFile: CertificateFile and KeyFile belong together; give both or none");
        assertThat(problems(tls("CaFile", key)))
                .containsExactly(
                        "1: Tls.CaFile: " + key + " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
        assertThat(problems(tls("CaFile", folder.resolve("none.pem"))))
                .containsExactly("1: Tls.CaFile: " + folder.resolve("none.pem") + " does not exist");
        assertThat(problems(tls("InsecureSkipVerify", "true")))
                .singleElement()
                .asString()
                .startsWith("1: Tls.InsecureSkipVerify: unknown key");
    }

    private static FunctionServer serving(String alias, boolean clientCertificateRequired) throws Exception {
        SSLContext context = certificates.serverContext(alias);
        return FunctionServer.startTls(context, clientCertificateRequired);
    }

    private static Map<String, String> tls(Object... keysAndValues) {
        Map<String, String> tls = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            tls.put((String) keysAndValues[i], keysAndValues[i + 1].toString());
        }
        return tls;
    }

    private static List<String> problems(Map<String, String> tls) {
        return TestConfig.problems(new HttpInvokerProvider(), FUNCTION, "Url", "https://localhost/", "Tls", tls);
    }

    private static InvocationOutcome invoke(FunctionServer server, Map<String, String> tls) throws Exception {
        try (Invoker invoker = open(server.url(), tls)) {
            return invoke(invoker);
        }
    }

    private static InvocationOutcome invoke(Invoker invoker) throws InterruptedException {
        return invoker.invoke(InvokerContract.request(Payload.ofText("{}"), Duration.ofSeconds(20)));
    }

    private static Invoker open(URI url, Map<String, String> tls) {
        return tls.isEmpty()
                ? TestConfig.open(new HttpInvokerProvider(), FUNCTION, "Url", url)
                : TestConfig.open(new HttpInvokerProvider(), FUNCTION, "Url", url, "Tls", tls);
    }
}
