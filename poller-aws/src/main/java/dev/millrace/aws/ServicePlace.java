package dev.millrace.aws;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where calls to an AWS service go.
 *
 * @param service as people call it, such as {@code SQS}
 * @param region for the signature, and for the address at AWS
 * @param endpoint override, such as an emulator's; null for AWS's own
 */
public record ServicePlace(
        String service, String region, @Nullable URI endpoint) {

    /** Whether the endpoint is an emulator's: AWS, also behind a name of one's own, is reached by TLS. */
    public boolean isEmulator() {
        return endpoint != null && "http".equals(endpoint.getScheme());
    }

    /** For people: the endpoint override, or the service and its region. */
    @Override
    public String toString() {
        return endpoint == null ? service + " in " + region : endpoint.toString();
    }
}
