package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.Profile;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import dev.millrace.testkit.TestCertificates;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sections {@code Aws} of the daemon and of mappings, as files write them. */
class AwsConfigTest {

    private static final String MAPPING = """
        Functions: {f: {Fake: {}}}
        EventSourceMappings:
          - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:orders
            FunctionName: f
            Millrace: {Aws: %s}
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private ConfigFixture fixture;

    @BeforeEach
    void makeFixture() {
        fixture = new ConfigFixture(directory);
    }

    private static AwsSettings ofMapping(DaemonConfig config) {
        return config.aws().with(config.mappings().getFirst().options().aws());
    }

    @Test
    void trustsTheAuthoritiesOfABundle() throws Exception {
        Path first = Files.createDirectory(directory.resolve("first"));
        Path second = Files.createDirectory(directory.resolve("second"));
        String bundle = "# Ours\n" + Files.readString(TestCertificates.in(first).authorityFile()) + "\n# Theirs\n"
                + Files.readString(TestCertificates.in(second).authorityFile());
        fixture.file("ca.pem", bundle);

        DaemonConfig config = fixture.valid("Aws: {CaCertificates: ca.pem}\n" + MAPPING.formatted("{}"))
                .config();

        assertThat(config.aws().authorities().certificates()).hasSize(2);
        assertThat(ofMapping(config).authorities()).isEqualTo(config.aws().authorities());
    }

    @Test
    void refusesABundleThatCannotBeUsed() {
        fixture.file("empty.pem", "\n")
                .file("text.pem", "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");

        assertThat(fixture.problems("Aws: {CaCertificates: gone.pem}"))
                .containsExactly("millrace.yaml:1: Aws.CaCertificates: gone.pem does not exist");
        for (String file : List.of("empty.pem", "text.pem")) {
            assertThat(fixture.problems("Aws: {CaCertificates: " + file + "}"))
                    .singleElement()
                    .asString()
                    .startsWith("millrace.yaml:1: Aws.CaCertificates: " + file
                            + " does not hold certificates in PEM form (-----BEGIN CERTIFICATE-----): ");
        }
        assertThat(fixture.problems("Aws: {CaCertificates: .}"))
                .singleElement()
                .asString()
                .contains("cannot be read by this user, or is no file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        Aws: {Regions: {Sqs: eu-west-1}} | Aws.Regions.Sqs: has its regions from ARNs; give a mapping Millrace.Aws.Region
        Aws: {Regions: {Sts: EU}} | Aws.Regions.Sts: 'EU' is no region name, such as us-east-1
        Aws: {Regions: {Sds: eu-west-1}} | Aws.Regions.Sds: unknown key; did you mean 'Sts'?
        Aws: {Region: eu-west-1} | Aws.Region: unknown key; did you mean 'Regions'?
        Aws: {Credentials: {AssumeRole: {ExternalId: abc}}} | Aws.Credentials.AssumeRole.RoleArn: is required: the role, such as arn:aws:iam::111122223333:role/NAME
        Region: EU | Region: 'EU' is no region name, such as us-east-1
        """)
    void tellsEachMistakeOnce(String text, String problem) {
        assertThat(fixture.problems(text)).containsExactly("millrace.yaml:1: " + problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {Endpoint: "http://a", Endpoints: {Sqs: "http://b"}} | Endpoint: is for all services, and Endpoints is for each; remove one
        {Endpoint: a} | Endpoint: 'a' must begin with http:// or https://
        {CaCertificates: a.pem} | CaCertificates: unknown key; known here: Credentials, Endpoint, Endpoints, Region
        {Credentials: {Profile: a, AccessKeyId: b, SecretAccessKey: c}} | Credentials.AccessKeyId: is one kind of credentials, and Profile is another; remove one (a role on top of either goes below AssumeRole)
        """)
    void tellsEachMistakeOfAMappingOnce(String aws, String problem) {
        assertThat(fixture.problems(MAPPING.formatted(aws)))
                .containsExactly("millrace.yaml:5: EventSourceMappings[0].Millrace.Aws." + problem);
    }

    @Test
    void aMappingHasTheDaemonsSettingsWhereItHasNoneOfItsOwn() {
        DaemonConfig config = fixture.valid("""
            Region: eu-west-1
            Aws:
              Endpoints: {Sts: "https://sts.example"}
              Regions: {Sts: eu-central-1}
              Credentials: {Profile: base}
            """ + MAPPING.formatted("""
                {Endpoint: "http://127.0.0.1:4566", Region: eu-north-1, Credentials: {AssumeRole: \
                {RoleArn: "arn:aws:iam::111122223333:role/orders", ExternalId: ours}}}\
                """)).config();

        AwsSettings mapping = ofMapping(config);

        assertThat(mapping.endpoint("Sqs")).isEqualTo(URI.create("http://127.0.0.1:4566"));
        assertThat(mapping.endpoint("Sts")).isEqualTo(URI.create("https://sts.example"));
        assertThat(mapping.regionOf("Sqs", "us-east-1")).isEqualTo("eu-north-1");
        assertThat(mapping.regionOf("Sts")).isEqualTo("eu-central-1");
        assertThat(mapping.credentials().base()).isEqualTo(new Profile("base"));
        assertThat(Objects.requireNonNull(mapping.credentials().role()).externalId())
                .isEqualTo("ours");
    }

    @Test
    void readsKeysFromFilesAndNeverShowsThem() {
        fixture.file("id", "AKIA12345\n").file("secret", "sEcReT\n").variable("EXTERNAL_SECRET", "ex-ter-nal");

        LoadedConfig.Valid loaded = fixture.valid("""
            Aws: {Credentials: {AccessKeyId: "file:id", SecretAccessKey: "file:secret"}}
            """ + MAPPING.formatted("""
                {Credentials: {AccessKeyId: plain-id, SecretAccessKey: plain-secret, SessionToken: plain-token, \
                AssumeRole: {RoleArn: "arn:aws:iam::111122223333:role/r", ExternalId: "${EXTERNAL_SECRET}"}}}\
                """));

        assertThat(loaded.config().aws().credentials().base()).isEqualTo(new AccessKeys("AKIA12345", "sEcReT", null));
        assertThat(loaded.effective())
                .contains("AccessKeyId: '********'", "RoleArn: arn:aws:iam::111122223333:role/r")
                .doesNotContain("AKIA12345", "sEcReT", "plain-", "ex-ter-nal");
    }

    @Test
    void theEffectiveConfigurationReadsTheSame() throws Exception {
        Path authority = TestCertificates.in(directory).authorityFile();
        LoadedConfig.Valid first = fixture.valid("""
            Aws:
              Endpoints: {Sts: "https://sts.example"}
              Regions: {Sts: eu-central-1, S3: eu-west-2}
              CaCertificates: %s
              Credentials:
                WebIdentity: {TokenFile: /run/token, RoleArn: "arn:aws:iam::111122223333:role/pod", SessionName: pod}
            """.formatted(authority.getFileName()) + MAPPING.formatted("""
                {Endpoints: {Sqs: "http://127.0.0.1:4566"}, Region: eu-north-1, Credentials: {Profile: p, AssumeRole: \
                {RoleArn: "arn:aws:iam::111122223333:role/r", ExternalId: ours, DurationSeconds: 900}}}\
                """));

        LoadedConfig.Valid second = fixture.valid(first.effective());

        assertThat(second.config().aws()).isEqualTo(first.config().aws());
        assertThat(second.config().mappings()).isEqualTo(first.config().mappings());
        assertThat(second.effective()).isEqualTo(first.effective());
    }

    @Test
    void withoutSettingsEverythingIsAsTheSdkHasIt() {
        DaemonConfig config = fixture.valid(MAPPING.formatted("{}")).config();

        assertThat(ofMapping(config)).isEqualTo(new AwsSettings("us-east-1", "000000000000", Map.of()));
        assertThat(config.aws().credentials()).isEqualTo(new CredentialSettings(new UsualPlaces(), null));
    }
}
