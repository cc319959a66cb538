package dev.millrace.aws;

import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
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
 * Credentials from the SDK's usual places. At an emulator, where there are none from the start, made-up ones: emulators want
 * a signature and do not check it. Thread-safe.
 */
final class EndpointCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointCredentials.class);

    private static final AwsCredentials MADE_UP = AwsBasicCredentials.create("millrace", "millrace");

    private final AwsCredentialsProvider usual;
    private final @Nullable URI emulator;

    /** What the first look has found. */
    private enum First {
        NOT_LOOKED,
        REAL,
        NOTHING
    }

    /** Set once. Threads that race may find different things, and the first one counts. */
    private final AtomicReference<First> first = new AtomicReference<>(First.NOT_LOOKED);

    /**
     * Credentials from a provider.
     *
     * @param usual the usual places
     * @param emulator as {@link ServicePlace#emulator} says
     */
    EndpointCredentials(AwsCredentialsProvider usual, @Nullable URI emulator) {
        this.usual = usual;
        this.emulator = emulator;
    }

    /**
     * Credentials to use at AWS or an emulator. Looks for them at the first call.
     *
     * @param emulator as {@link ServicePlace#emulator} says
     */
    static EndpointCredentials open(@Nullable URI emulator) {
        // Instance metadata is asked over the network, and on a machine outside of AWS nobody answers for seconds.
        return new EndpointCredentials(
                emulator == null ? DefaultCredentialsProvider.builder().build() : withoutInstanceMetadata(), emulator);
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
        if (first.get() == First.NOTHING) {
            return MADE_UP;
        }
        try {
            AwsCredentials real = usual.resolveCredentials();
            first.compareAndSet(First.NOT_LOOKED, First.REAL);
            return real;
        } catch (SdkClientException e) {
            // Where there were real ones they are checked, so that made-up ones are refused; real ones may be there
            // again soon.
            if (emulator == null || first.compareAndExchange(First.NOT_LOOKED, First.NOTHING) == First.REAL) {
                throw NoCredentialsException.inUsualPlaces(e);
            }
            LOG.info("No AWS credentials found; using made-up ones, since {} is not AWS", emulator);
            return MADE_UP;
        }
    }

    @Override
    public void close() {
        if (usual instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
