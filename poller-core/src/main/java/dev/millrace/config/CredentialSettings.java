package dev.millrace.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * With which credentials AWS's services are called.
 *
 * @param base the credentials, or those that the role is assumed with
 * @param role assumed on top of them; null means none
 */
public record CredentialSettings(Base base, @Nullable AssumedRole role) {

    /** Nothing configured. */
    public static final CredentialSettings USUAL = new CredentialSettings(new UsualPlaces(), null);

    /** The name of a session in AWS's logs where none is given. */
    static final String SESSION_NAME = "millrace";

    /** Credentials that need no others. */
    public sealed interface Base {}

    /** Wherever the AWS SDK looks by default: environment variables, profiles, the machine's role and more. */
    public record UsualPlaces() implements Base {}

    /**
     * A profile of the AWS configuration files.
     *
     * @param name of the profile
     */
    public record Profile(String name) implements Base {}

    /**
     * A role given for the token of an identity provider, such as a Kubernetes cluster.
     *
     * @param tokenFile holds the token; read at every renewal, since whoever writes it replaces it
     * @param roleArn of the role
     * @param sessionName in AWS's logs, 2 to 64 characters
     */
    public record WebIdentity(Path tokenFile, String roleArn, String sessionName) implements Base {}

    /**
     * Access keys.
     *
     * @param sessionToken of temporary keys, else null
     */
    public record AccessKeys(
            String accessKeyId,
            String secretAccessKey,
            @Nullable String sessionToken) implements Base {

        /** Without the secrets. */
        @Override
        public String toString() {
            return "AccessKeys[secret]";
        }
    }

    /**
     * A role to assume.
     *
     * @param arn of the role
     * @param externalId that the role's trust policy may ask for, 2 to 1,224 characters; null means none
     * @param sessionName in AWS's logs, 2 to 64 characters
     * @param duration of the credentials, 900 s to 43,200 s
     */
    public record AssumedRole(String arn, @Nullable String externalId, String sessionName, Duration duration) {}

    /** Whether these credentials come from STS. */
    public boolean needSts() {
        return role != null || base instanceof WebIdentity;
    }

    /**
     * These credentials where others are configured further out. What is given here wins: a base stands alone, a role without a
     * base is assumed with the outer base, in place of the outer role; nothing at all means the outer credentials.
     */
    public CredentialSettings within(CredentialSettings outer) {
        if (!(base instanceof UsualPlaces)) {
            return this;
        }
        return role == null ? outer : new CredentialSettings(outer.base(), role);
    }
}
