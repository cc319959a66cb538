package dev.millrace.aws;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Credentials from the SDK's usual places. At an endpoint that is not AWS's, where there are none, made-up ones: emulators
 * want a signature and do not check it. Thread-safe.
 */
final class EndpointCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointCredentials.class);

    private static final AwsCredentials MADE_UP = AwsBasicCredentials.create("millrace", "millrace");

    private final AwsCredentialsProvider found;
    private final @Nullable URI emulator;

    /** Whether nothing was found at an emulator. Set once; threads that race look twice and find the same. */
    private volatile boolean madeUp;

    /**
     * Credentials from a provider.
     *
     * @param emulator the endpoint when it is not AWS's, else null
     */
    EndpointCredentials(AwsCredentialsProvider found, @Nullable URI emulator) {
        this.found = found;
        this.emulator = emulator;
    }

    /**
     * Credentials to use at AWS or an emulator. Looks for them at the first call.
     *
     * @param emulator as {@link #emulator} says
     */
    static EndpointCredentials open(@Nullable URI emulator) {
        // Instance metadata is asked over the network, and on a machine outside of AWS nobody answers for seconds. AWS
        // itself, be it behind a name of one's own, is reached by TLS.
        boolean local = emulator != null && "http".equals(emulator.getScheme());
        return new EndpointCredentials(
                local
                        ? withoutInstanceMetadata()
                        : DefaultCredentialsProvider.builder().build(),
                emulator);
    }

    /** The endpoint override if it is not AWS's, else null. */
    static @Nullable URI emulator(@Nullable URI endpoint) {
        return endpoint == null || isAws(endpoint) ? null : endpoint;
    }

    private static boolean isAws(URI endpoint) {
        String host = endpoint.getHost();
        return host != null
                && (host.endsWith(".amazonaws.com") || host.endsWith(".amazonaws.com.cn") || host.endsWith(".api.aws"));
    }

    private static AwsCredentialsProvider withoutInstanceMetadata() {
        return AwsCredentialsProviderChain.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                WebIdentityTokenFileCredentialsProvider.create(),
                ProfileCredentialsProvider.create(),
                ContainerCredentialsProvider.create());
    }

    @Override
    public AwsCredentials resolveCredentials() {
        if (madeUp) {
            return MADE_UP;
        }
        try {
            return found.resolveCredentials();
        } catch (SdkClientException e) {
            if (emulator == null) {
                throw NoCredentialsException.inUsualPlaces(e);
            }
            LOG.info("No AWS credentials found; using made-up ones, since {} is not AWS", emulator);
            madeUp = true;
            return MADE_UP;
        }
    }

    @Override
    public void close() {
        if (found instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
