package dev.millrace.invoker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.Problems;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.invoker.TestConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpSettingsTest {

    private static final HttpInvokerProvider PROVIDER = new HttpInvokerProvider();
    private static final FunctionSettings FUNCTION = TestConfig.function(Duration.ofSeconds(3));

    @Test
    void isFoundByTheServiceLoader() {
        assertThat(ServiceLoader.load(InvokerProvider.class))
                .extracting(InvokerProvider::type)
                .contains("Http");
    }

    @Test
    void hasDefaultsForAllButTheUrl() {
        Problems problems = new Problems();
        HttpSettings settings = HttpSettings.read(TestConfig.section(problems, "Url", "http://localhost:9001/"))
                .orElseThrow();

        assertThat(problems.all()).isEmpty();
        assertThat(settings.maximumConnections()).isEqualTo(2_000);
        assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.headers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "ftp://a/               | 'ftp://a/' must begin with http:// or https://",
                "localhost:9001         | 'localhost:9001' must begin with http:// or https://",
                "http:///path           | 'http:///path' has no host, or one that is not a host name (letters, digits,"
                        + " dots and hyphens)",
                "http://my_host/        | 'http://my_host/' has no host, or one that is not a host name (letters,"
                        + " digits, dots and hyphens)",
                "http://u:p@a/          | must not hold a user or password; use Headers or BearerToken",
                "http://a/#b            | must not have a fragment (#...)",
                "http://a/ b            | 'http://a/ b' is not a URL: Illegal character in path",
                "~~                     | is empty; write a URL such as http://127.0.0.1:9001/"
            })
    void refusesAWrongUrl(String url, String problem) {
        assertThat(problems("Url", url)).containsExactly("1: Url: " + problem);
    }

    @Test
    void wantsAUrl() {
        assertThat(problems()).containsExactly("1: Url: is required");
    }

    @Test
    void namesUnknownKeys() {
        assertThat(problems("Url", "http://a/", "Hedaers", "x"))
                .containsExactly("2: Hedaers: unknown key; did you mean 'Headers'?");
    }

    @Test
    void refusesHeadersThatCannotBe() {
        assertThat(headerProblems(Map.of("content-length", "1")))
                .containsExactly("Headers: content-length is set by each invocation and cannot be fixed");
        assertThat(headerProblems(Map.of("X-Amzn-RequestId", "1")))
                .containsExactly("Headers: X-Amzn-RequestId is set by each invocation and cannot be fixed");
        assertThat(headerProblems(Map.of("My Header", "1")))
                .containsExactly("Headers: 'My Header' is not the name of a header");
        assertThat(headerProblems(Map.of("X-A", "a\r\nb")))
                .containsExactly("Headers: the value of X-A holds line breaks or control characters");
        assertThat(headerProblems(Map.of("X-A", "a", "x-a", "b")))
                .singleElement()
                .asString()
                .endsWith("is given twice");
    }

    private static List<String> headerProblems(Map<String, String> headers) {
        return problems("Url", "http://a/", "Headers", headers).stream()
                .map(problem -> problem.substring(problem.indexOf(' ') + 1))
                .toList();
    }

    @Test
    void takesTheTokenFromOnePlaceOnly(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "t");

        assertThat(problems("Url", "http://a/", "BearerToken", "t", "BearerTokenFile", file))
                .containsExactly("3: BearerTokenFile: cannot be combined with BearerToken; remove one");
        assertThat(problems("Url", "http://a/", "BearerToken", "t", "Headers", Map.of("authorization", "Basic x")))
                .hasSize(1)
                .first()
                .asString()
                .endsWith("Headers: Authorization cannot be combined with a bearer token; remove one");
        assertThat(problems("Url", "http://a/", "BearerToken", "two words"))
                .containsExactly("2: BearerToken: is empty or holds blanks or characters outside of ASCII");
    }

    @Test
    void saysWhatIsWrongWithTheTokensFile(@TempDir Path folder) throws Exception {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        Path text = Files.writeString(folder.resolve("text"), "this is no token");
        Path missing = folder.resolve("missing");

        assertThat(problems("Url", "http://a/", "BearerTokenFile", empty))
                .containsExactly("2: BearerTokenFile: the bearer token's file " + empty + " is empty");
        assertThat(problems("Url", "http://a/", "BearerTokenFile", text))
                .containsExactly("2: BearerTokenFile: the file " + text
                        + " does not hold a bearer token: one word of ASCII characters");
        assertThat(problems("Url", "http://a/", "BearerTokenFile", missing))
                .containsExactly("2: BearerTokenFile: the bearer token's file " + missing + " does not exist");
        assertThat(problems("Url", "http://a/", "BearerTokenFile", folder)).hasSize(1);
    }

    @Test
    void refusesTlsWithoutHttps() {
        assertThat(problems("Url", "http://a/", "Tls", Map.of()))
                .hasSize(1)
                .first()
                .asString()
                .contains("Tls: is of no use with an http:// Url");
    }

    @Test
    void boundsNumbers() {
        assertThat(problems("Url", "http://a/", "MaximumConnections", 0, "ConnectTimeout", "0.01"))
                .containsExactly(
                        "2: MaximumConnections: '0' is not a whole number from 1 to 60000",
                        "3: ConnectTimeout: '0.01' is not a number from 0.1 to 120");
    }

    @Test
    void cannotBeOpenedWhenItIsWrong() {
        InvokerProvider.InvokerFactory factory =
                PROVIDER.configure(FUNCTION, TestConfig.section(new Problems(), "Url", "nonsense"));

        assertThatThrownBy(factory::open).isInstanceOf(IllegalStateException.class);
    }

    private static List<String> problems(Object... keysAndValues) {
        return TestConfig.problems(PROVIDER, FUNCTION, keysAndValues);
    }
}
