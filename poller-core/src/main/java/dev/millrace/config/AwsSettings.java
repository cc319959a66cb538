package dev.millrace.config;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The AWS settings of the daemon, shared by sources, destinations, functions and stores; or of one mapping, merged by {@link
 * #with}. Services have keys as in the configuration: {@code Sqs}, {@code Lambda}, ...
 *
 * @param region default region, such as {@code us-east-1}
 * @param accountId default account, twelve digits
 * @param endpoints endpoint overrides by service; {@link #endpoint} reads them
 * @param regions of services where no ARN names one; {@link #regionOf} reads them
 * @param pinnedRegion of a mapping's calls, whatever region its ARNs name; null for theirs
 * @param credentials of all calls
 * @param authorities trusted besides the JVM's, by every client
 */
public record AwsSettings(
        String region,
        String accountId,
        Map<String, URI> endpoints,
        Map<String, String> regions,
        @Nullable String pinnedRegion,
        CredentialSettings credentials,
        Authorities authorities) {

    /** The keys of all services. */
    public static final List<String> SERVICES =
            List.of("Sqs", "Kinesis", "DynamoDb", "DynamoDbStreams", "Sns", "S3", "Lambda", "Sts");

    private static final String STS = "Sts";
    private static final String STREAMS = "DynamoDbStreams";
    private static final String TABLES = "DynamoDb";

    /** What a mapping's source or destination may be. */
    private static final List<String> OF_MAPPINGS = List.of("Sqs", "Kinesis", TABLES, STREAMS, "Sns", "S3");

    public AwsSettings {
        endpoints = Map.copyOf(endpoints);
        regions = Map.copyOf(regions);
    }

    /** Settings with credentials from the usual places, and the JVM's authorities. */
    public AwsSettings(String region, String accountId, Map<String, URI> endpoints) {
        this(region, accountId, endpoints, Map.of(), null, CredentialSettings.USUAL, Authorities.NONE);
    }

    /**
     * Where the service is instead of at AWS; null for AWS. Streams of tables are where the tables are unless they have an
     * override of their own: emulators serve both at one place.
     */
    public @Nullable URI endpoint(String service) {
        URI own = endpoints.get(service);
        return own == null && service.equals(STREAMS) ? endpoints.get(TABLES) : own;
    }

    /** The region to call a service in where no ARN names one. STS has its own before a mapping's. */
    public String regionOf(String service) {
        String own = regions.get(service);
        if (own != null && (service.equals(STS) || pinnedRegion == null)) {
            return own;
        }
        return pinnedRegion == null ? region : pinnedRegion;
    }

    /**
     * The region to call a service in.
     *
     * @param named in the ARN of what is called; empty where it has none
     */
    public String regionOf(String service, String named) {
        return pinnedRegion == null && !named.isEmpty() ? named : regionOf(service);
    }

    /** The settings of a mapping: the override's where it has them, else these. */
    public AwsSettings with(AwsOverride override) {
        Map<String, URI> merged = new HashMap<>(endpoints);
        if (override.endpoint() != null) {
            OF_MAPPINGS.forEach(service -> merged.put(service, override.endpoint()));
        }
        if (override.endpoints().containsKey(TABLES)) {
            // The nearest one counts, also where it stands in for another.
            merged.remove(STREAMS);
        }
        merged.putAll(override.endpoints());
        return new AwsSettings(
                region,
                accountId,
                merged,
                regions,
                override.region() == null ? pinnedRegion : override.region(),
                override.credentials().within(credentials),
                authorities);
    }

    /** These settings with another default region. */
    public AwsSettings inRegion(String other) {
        return new AwsSettings(other, accountId, endpoints, regions, pinnedRegion, credentials, authorities);
    }
}
