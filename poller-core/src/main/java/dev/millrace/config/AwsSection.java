package dev.millrace.config;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what the sections {@code Aws} of the daemon and of a mapping have in common. */
public final class AwsSection {

    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");

    /** What has no region in its ARN, or no ARN. */
    private static final List<String> WITHOUT_REGION = List.of("DynamoDb", "Lambda", "S3", "Sts");

    private AwsSection() {}

    /** The section {@code Aws} of a mapping. */
    public static AwsOverride override(Section aws) {
        AwsOverride read = new AwsOverride(
                CredentialSection.read(aws),
                aws.httpUrl("Endpoint").orElse(null),
                endpoints(aws),
                region(aws, "Region").orElse(null));
        if (aws.has("Endpoint") && aws.has("Endpoints")) {
            aws.problem("Endpoint", "is for all services, and Endpoints is for each; remove one");
        }
        aws.rejectUnknownKeys();
        return read;
    }

    /** The section {@code Endpoints}: URLs by service. */
    public static Map<String, URI> endpoints(Section aws) {
        Map<String, URI> endpoints = new LinkedHashMap<>();
        aws.section("Endpoints").ifPresent(section -> {
            for (String service : AwsSettings.SERVICES) {
                section.httpUrl(service).ifPresent(url -> endpoints.put(service, url));
            }
            section.rejectUnknownKeys();
        });
        return endpoints;
    }

    /** The section {@code Regions}: those of services that no ARN names one for. */
    public static Map<String, String> regions(Section aws) {
        Map<String, String> regions = new LinkedHashMap<>();
        aws.section("Regions").ifPresent(section -> {
            for (String service : WITHOUT_REGION) {
                region(section, service).ifPresent(region -> regions.put(service, region));
            }
            for (String key : section.keys()) {
                // Known only where it is written, so that nobody is pointed to it.
                if (isRegional(key) && section.has(key)) {
                    section.problem(key, "has its regions from ARNs; give a mapping Millrace.Aws.Region");
                }
            }
            section.rejectUnknownKeys();
        });
        return regions;
    }

    private static boolean isRegional(String key) {
        return AwsSettings.SERVICES.stream()
                .anyMatch(service -> !WITHOUT_REGION.contains(service) && service.equalsIgnoreCase(key));
    }

    /** The name of a region; emulators have names of their own. */
    public static Optional<String> region(Section section, String key) {
        Optional<String> region = section.string(key).map(String::strip);
        if (region.isPresent() && !REGION.matcher(region.get()).matches()) {
            section.problem(key, "'" + region.get() + "' is no region name, such as us-east-1");
            return Optional.empty();
        }
        return region;
    }
}
