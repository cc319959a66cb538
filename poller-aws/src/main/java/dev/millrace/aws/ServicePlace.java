package dev.millrace.aws;

import dev.millrace.config.AwsSettings;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where calls to an AWS service go, and as whom. Clients are shared between calls to equal places.
 *
 * @param service as people call it, such as {@code SQS}
 * @param region for the signature, and for the address at AWS
 * @param endpoint override, such as an emulator's; null for AWS's own
 * @param access as whom
 */
public record ServicePlace(
        String service, String region, @Nullable URI endpoint, Access access) {

    /** With credentials from the usual places. */
    public ServicePlace(String service, String region, @Nullable URI endpoint) {
        this(service, region, endpoint, Access.USUAL);
    }

    /**
     * The place that the settings say.
     *
     * @param service as people call it
     * @param key of the service in the settings, such as {@code Sqs}
     * @param region that the ARN of what is called names; empty for none
     */
    public static ServicePlace of(String service, String key, String region, AwsSettings aws) {
        return new ServicePlace(service, aws.regionOf(key, region), aws.endpoint(key), Access.of(aws));
    }

    /** Whether the endpoint is an emulator's: AWS, also behind a name of one's own, is reached by TLS. */
    public boolean isEmulator() {
        return emulator() != null;
    }

    /** The endpoint when it is an emulator's, else null. */
    @Nullable
    URI emulator() {
        return endpoint != null && "http".equals(endpoint.getScheme()) ? endpoint : null;
    }

    /** For people: the endpoint override, or the service and its region. */
    @Override
    public String toString() {
        return endpoint == null ? service + " in " + region : endpoint.toString();
    }
}
