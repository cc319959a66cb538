package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.Profile;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a mapping's own settings make of the daemon's. */
class AwsSettingsTest {

    private static final URI DAEMON = URI.create("http://daemon");
    private static final URI MAPPING = URI.create("http://mapping");
    private static final AssumedRole ROLE = role("daemon");

    private static AwsSettings daemon(Map<String, URI> endpoints, Map<String, String> regions) {
        return new AwsSettings(
                "us-east-1",
                "000000000000",
                endpoints,
                regions,
                null,
                new CredentialSettings(new Profile("daemon"), ROLE),
                Authorities.NONE);
    }

    private static AssumedRole role(String name) {
        return new AssumedRole("arn:aws:iam::111122223333:role/" + name, null, "millrace", Duration.ofHours(1));
    }

    private static AwsOverride override(@Nullable URI endpoint, Map<String, URI> endpoints, @Nullable String region) {
        return new AwsOverride(CredentialSettings.USUAL, endpoint, endpoints, region);
    }

    private static CredentialSettings credentials(CredentialSettings own) {
        return daemon(Map.of(), Map.of())
                .with(new AwsOverride(own, null, Map.of(), null))
                .credentials();
    }

    @Test
    void aMappingWithoutSettingsHasTheDaemons() {
        AwsSettings daemon = daemon(Map.of("Sqs", DAEMON), Map.of("Sts", "eu-west-1"));

        assertThat(daemon.with(AwsOverride.NONE)).isEqualTo(daemon);
    }

    @Test
    void theRegionOfAnArnCountsBeforeTheServicesAndTheServicesBeforeTheDaemons() {
        AwsSettings daemon = daemon(Map.of(), Map.of("S3", "eu-west-1"));

        assertThat(daemon.regionOf("S3", "eu-west-2")).isEqualTo("eu-west-2");
        assertThat(daemon.regionOf("S3", "")).isEqualTo("eu-west-1");
        assertThat(daemon.regionOf("Sqs", "")).isEqualTo("us-east-1");
    }

    @Test
    void theRegionOfAMappingCountsBeforeAllOthersButThatOfSts() {
        AwsSettings mapping = daemon(Map.of(), Map.of("S3", "eu-west-1", "Sts", "eu-west-3"))
                .with(override(null, Map.of(), "eu-north-1"));

        assertThat(mapping.regionOf("Sqs", "eu-west-2")).isEqualTo("eu-north-1");
        assertThat(mapping.regionOf("S3")).isEqualTo("eu-north-1");
        assertThat(mapping.regionOf("Sts")).isEqualTo("eu-west-3");
        assertThat(daemon(Map.of(), Map.of())
                        .with(override(null, Map.of(), "cn-north-1"))
                        .regionOf("Sts"))
                .isEqualTo("cn-north-1");
        assertThat(mapping.region()).as("of functions and for events").isEqualTo("us-east-1");
    }

    @Test
    void theEndpointOfAMappingIsThatOfItsSourceAndDestinationAndNotOfSts() {
        AwsSettings mapping =
                daemon(Map.of("Sqs", DAEMON, "Sts", DAEMON), Map.of()).with(override(MAPPING, Map.of(), null));

        assertThat(mapping.endpoint("Sqs")).isEqualTo(MAPPING);
        assertThat(mapping.endpoint("DynamoDbStreams")).isEqualTo(MAPPING);
        assertThat(mapping.endpoint("S3")).isEqualTo(MAPPING);
        assertThat(mapping.endpoint("Sts")).isEqualTo(DAEMON);
        assertThat(mapping.endpoint("Lambda")).isNull();
    }

    @Test
    void endpointsOfAMappingReplaceTheDaemonsByService() {
        AwsSettings mapping = daemon(Map.of("Sqs", DAEMON, "Sns", DAEMON), Map.of())
                .with(override(null, Map.of("Sns", MAPPING), null));

        assertThat(mapping.endpoint("Sqs")).isEqualTo(DAEMON);
        assertThat(mapping.endpoint("Sns")).isEqualTo(MAPPING);
    }

    @Test
    void streamsAreWhereTheNearestEndpointOfTablesIs() {
        AwsSettings daemon = daemon(Map.of("DynamoDb", DAEMON), Map.of());
        assertThat(daemon.endpoint("DynamoDbStreams")).isEqualTo(DAEMON);

        AwsSettings mapping = daemon(Map.of("DynamoDbStreams", DAEMON), Map.of())
                .with(override(null, Map.of("DynamoDb", MAPPING), null));
        assertThat(mapping.endpoint("DynamoDbStreams")).isEqualTo(MAPPING);
    }

    @Test
    void aRoleOfAMappingIsAssumedWithTheDaemonsCredentialsInPlaceOfItsRole() {
        assertThat(credentials(new CredentialSettings(new UsualPlaces(), role("mapping"))))
                .isEqualTo(new CredentialSettings(new Profile("daemon"), role("mapping")));
    }

    @Test
    void credentialsOfAMappingStandAlone() {
        CredentialSettings keys = new CredentialSettings(new AccessKeys("id", "secret", null), null);

        assertThat(credentials(keys)).isEqualTo(keys);
    }

    @Test
    void secretsAreNotPrinted() {
        AwsSettings aws = new AwsSettings(
                "us-east-1",
                "000000000000",
                Map.of(),
                Map.of(),
                null,
                new CredentialSettings(new AccessKeys("id-7", "secret-7", "token-7"), null),
                Authorities.NONE);

        assertThat(aws.toString()).doesNotContain("-7");
    }
}
