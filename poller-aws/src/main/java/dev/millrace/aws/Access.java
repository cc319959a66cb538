package dev.millrace.aws;

import dev.millrace.config.Authorities;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * As whom a service is called, and whom its server must be certified by. Clients may be shared only between calls of equal
 * access.
 *
 * @param credentials of the calls
 * @param stsRegion where STS is called, if it is; else empty
 * @param stsEndpoint override for STS, if it is called and has one; else null
 * @param authorities trusted besides the JVM's
 */
public record Access(
        CredentialSettings credentials,
        String stsRegion,
        @Nullable URI stsEndpoint,
        Authorities authorities) {

    /** Credentials from the usual places, and the JVM's authorities. */
    public static final Access USUAL = new Access(CredentialSettings.USUAL, "", null, Authorities.NONE);

    /** Where STS would be called is left out where it is not, so that equal accesses are equal. */
    public Access {
        if (!credentials.needSts()) {
            stsRegion = "";
            stsEndpoint = null;
        }
    }

    /** What the settings say. */
    public static Access of(AwsSettings aws) {
        return new Access(aws.credentials(), aws.regionOf("Sts"), aws.endpoint("Sts"), aws.authorities());
    }

    /** Where STS is called for the credentials' role, and with which credentials. */
    ServicePlace sts() {
        CredentialSettings base = new CredentialSettings(credentials.base(), null);
        return new ServicePlace("STS", stsRegion, stsEndpoint, new Access(base, stsRegion, stsEndpoint, authorities));
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "Access";
    }
}
