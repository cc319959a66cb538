package dev.millrace.invoker.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.aws.ServicePlace;
import dev.millrace.config.Authorities;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.Problems;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.invoker.TestConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

final class LambdaSettingsTest {

    private static final LambdaInvokerProvider PROVIDER = new LambdaInvokerProvider();
    private static final FunctionSettings FUNCTION = TestConfig.function(Duration.ofSeconds(3));

    @Test
    void isFoundByTheServiceLoader() {
        assertThat(ServiceLoader.load(InvokerProvider.class))
                .extracting(InvokerProvider::type)
                .contains("Lambda");
    }

    @Test
    void anEmptySectionMeansTheFunctionOfTheSameNameAtAws() {
        LambdaSettings settings = read(FUNCTION);

        assertThat(settings)
                .isEqualTo(new LambdaSettings(
                        new ServicePlace("Lambda", "us-east-1", null),
                        "orders-fn",
                        null,
                        false,
                        2_000,
                        Duration.ofSeconds(3)));
    }

    @Test
    void theEndpointOfTheSectionWinsOverTheDaemons() {
        URI shared = URI.create("http://127.0.0.1:4566");
        FunctionSettings function = TestConfig.function(Duration.ofSeconds(3), Map.of("Lambda", shared));

        assertThat(read(function).place().endpoint()).isEqualTo(shared);
        assertThat(read(function, "Endpoint", "http://127.0.0.1:3001").place().endpoint())
                .isEqualTo(URI.create("http://127.0.0.1:3001"));
    }

    @Test
    void anArnBringsItsRegionAndQualifier() {
        LambdaSettings settings =
                read(FUNCTION, "FunctionName", "arn:aws:lambda:eu-west-1:123456789012:function:orders:prod");

        assertThat(settings.place().region()).isEqualTo("eu-west-1");
        assertThat(settings.functionName()).isEqualTo("arn:aws:lambda:eu-west-1:123456789012:function:orders");
        assertThat(settings.qualifier()).isEqualTo("prod");
        assertThat(settings.described())
                .isEqualTo("function arn:aws:lambda:eu-west-1:123456789012:function:orders:prod in eu-west-1");
    }

    @Test
    void aVersionIsTheQualifierUnlessAnotherFunctionIsNamed() {
        FunctionSettings version = new FunctionSettings(
                "orders-fn",
                "3",
                Duration.ofSeconds(3),
                OptionalInt.empty(),
                Map.of(),
                new AwsSettings("us-east-1", "000000000000", Map.of()));

        assertThat(read(version).qualifier()).isEqualTo("3");
        assertThat(read(version, "Qualifier", "blue").qualifier()).isEqualTo("blue");
        assertThat(read(version, "FunctionName", "other").qualifier()).isNull();
    }

    @Test
    void theDaemonsRegionOfLambdaCountsWhereNeitherSectionNorNameHasOne() {
        FunctionSettings function = with(CredentialSettings.USUAL);

        assertThat(read(function).place().region()).isEqualTo("eu-west-3");
        assertThat(read(function, "Region", "eu-west-1").place().region()).isEqualTo("eu-west-1");
        assertThat(read(function, "FunctionName", "arn:aws:lambda:eu-west-2:123456789012:function:orders")
                        .place()
                        .region())
                .isEqualTo("eu-west-2");
    }

    @Test
    void theDaemonsCredentialsCountUnlessTheSectionHasItsOwn() {
        CredentialSettings profile = new CredentialSettings(new CredentialSettings.Profile("base"), null);
        String role = "arn:aws:iam::111122223333:role/invoker";

        assertThat(read(with(profile)).place().access().credentials()).isEqualTo(profile);
        assertThat(read(with(profile), "Credentials", Map.of("AssumeRole", Map.of("RoleArn", role)))
                        .place()
                        .access()
                        .credentials())
                .isEqualTo(new CredentialSettings(
                        profile.base(),
                        new CredentialSettings.AssumedRole(role, null, "millrace", Duration.ofHours(1))));
        assertThat(problems(
                        "RuntimeInterfaceEmulator",
                        true,
                        "Endpoint",
                        "http://127.0.0.1:8080",
                        "Credentials",
                        Map.of("Profile", "base")))
                .containsExactly("1: Credentials: has no meaning for a RuntimeInterfaceEmulator, which asks for none");
    }

    private static FunctionSettings with(CredentialSettings credentials) {
        return new FunctionSettings(
                "orders-fn",
                "$LATEST",
                Duration.ofSeconds(3),
                OptionalInt.empty(),
                Map.of(),
                new AwsSettings(
                        "us-east-1",
                        "000000000000",
                        Map.of(),
                        Map.of("Lambda", "eu-west-3"),
                        null,
                        credentials,
                        Authorities.NONE));
    }

    @Test
    void anEmulatorNeedsAnEndpointAndNoName() {
        assertThat(read(FUNCTION, "RuntimeInterfaceEmulator", true, "Endpoint", "http://127.0.0.1:8080")
                        .functionName())
                .isEqualTo("function");
        assertThat(problems("RuntimeInterfaceEmulator", true, "FunctionName", "orders", "Qualifier", "prod"))
                .containsExactlyInAnyOrder(
                        "1: RuntimeInterfaceEmulator: needs the emulator's Endpoint, such as http://127.0.0.1:8080",
                        "2: FunctionName: has no meaning for a RuntimeInterfaceEmulator, which runs one function",
                        "3: Qualifier: has no meaning for a RuntimeInterfaceEmulator, which runs one version");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(problems("FunctionName", "two words"))
                .containsExactly("1: FunctionName: 'two words' is neither a function's name nor its ARN");
        assertThat(problems("FunctionName", "orders:prod", "Qualifier", "test"))
                .containsExactly("2: Qualifier: is not the qualifier in FunctionName, 'prod'; remove one");
        assertThat(problems("Qualifier", "a b"))
                .containsExactly("1: Qualifier: 'a b' is neither a version nor an alias");
        assertThat(problems("Region", "Frankfurt"))
                .containsExactly("1: Region: 'Frankfurt' is not the name of an AWS region");
        assertThat(problems("Endpoint", "127.0.0.1:8080")).hasSize(1);
        assertThat(problems("Endpoint", "lambda.local"))
                .containsExactly("1: Endpoint: 'lambda.local' must begin with http:// or https://");
        assertThat(problems("Qualifer", "x")).containsExactly("1: Qualifer: unknown key; did you mean 'Qualifier'?");
    }

    @Test
    void openingConnectsToNothing() {
        // A port at which nothing listens; an attempt would fail.
        try (Invoker invoker = TestConfig.open(PROVIDER, FUNCTION, "Endpoint", "http://127.0.0.1:1")) {
            assertThat(invoker.capacity()).hasValue(2_000);
        }
    }

    private static LambdaSettings read(FunctionSettings function, Object... keysAndValues) {
        Problems problems = new Problems();
        LambdaSettings settings = LambdaSettings.read(function, TestConfig.section(problems, keysAndValues))
                .orElseThrow();
        assertThat(problems.all()).isEmpty();
        return settings;
    }

    private static List<String> problems(Object... keysAndValues) {
        return TestConfig.problems(PROVIDER, FUNCTION, keysAndValues);
    }
}
