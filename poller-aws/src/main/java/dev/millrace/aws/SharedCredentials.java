package dev.millrace.aws;

import dev.millrace.config.CredentialSettings;
import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.Profile;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import dev.millrace.config.CredentialSettings.WebIdentity;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The credentials for one place. All users in this JVM of the same settings share one provider, so that a role is assumed once
 * and not for each mapping; the last one that closes it closes the provider. Thread-safe.
 */
public final class SharedCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    /**
     * What must be equal to share a provider.
     *
     * @param emulator that may get made-up credentials; null where credentials are configured, which are the same everywhere
     */
    private record Settings(Access access, @Nullable URI emulator) {}

    private record Shared(AwsCredentialsProvider provider, int users) {}

    /** Guarded by itself, also while a provider is opened, which may open the one of its base. */
    private static final Map<Settings, Shared> OPEN = new HashMap<>();

    private final Settings settings;
    private final AwsCredentialsProvider provider;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SharedCredentials(Settings settings, AwsCredentialsProvider provider) {
        this.settings = settings;
        this.provider = provider;
    }

    /** The credentials to call the place with. Neither looks for them nor calls anybody before they are needed. */
    public static SharedCredentials open(ServicePlace place) {
        boolean configured = !place.access().credentials().equals(CredentialSettings.USUAL);
        Settings settings = new Settings(place.access(), configured ? null : place.emulator());
        synchronized (OPEN) {
            Shared before = OPEN.get(settings);
            Shared shared = before == null
                    ? new Shared(provider(settings), 1)
                    : new Shared(before.provider(), before.users() + 1);
            OPEN.put(settings, shared);
            return new SharedCredentials(settings, shared.provider());
        }
    }

    private static AwsCredentialsProvider provider(Settings settings) {
        CredentialSettings credentials = settings.access().credentials();
        AssumedRole role = credentials.role();
        if (role != null) {
            return RoleCredentials.assumed(role, settings.access().sts());
        }
        return switch (credentials.base()) {
            case UsualPlaces() -> EndpointCredentials.open(settings.emulator());
            case Profile(var name) -> new ProfileCredentials(name);
            case WebIdentity identity ->
                RoleCredentials.byWebIdentity(identity, settings.access().sts());
            case AccessKeys keys -> StaticCredentialsProvider.create(credentials(keys));
        };
    }

    private static AwsCredentials credentials(AccessKeys keys) {
        String token = keys.sessionToken();
        return token == null
                ? AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey())
                : AwsSessionCredentials.create(keys.accessKeyId(), keys.secretAccessKey(), token);
    }

    @Override
    public AwsCredentials resolveCredentials() {
        return provider.resolveCredentials();
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        synchronized (OPEN) {
            Shared shared = OPEN.remove(settings);
            if (shared != null && shared.users() > 1) {
                OPEN.put(settings, new Shared(provider, shared.users() - 1));
                return;
            }
        }
        if (provider instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
