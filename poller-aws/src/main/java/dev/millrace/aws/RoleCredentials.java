package dev.millrace.aws;

import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.WebIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.StsClientBuilder;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleWithWebIdentityCredentialsProvider;
import software.amazon.awssdk.services.sts.auth.StsCredentialsProvider;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityRequest;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The credentials of a role, from STS. They are renewed in the background from five minutes before they expire, so that only
 * the first call waits for STS, and calls go on while STS is in trouble. Thread-safe.
 *
 * <p>The only class that uses STS's, besides {@link StsPause}: a daemon that assumes no role does not load them.
 */
final class RoleCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    /** One call at a time for each role, and a spare one. */
    private static final int CONNECTIONS = 2;

    /** Nobody interrupts a renewal in the background, so the connection has a limit of its own. */
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

    private static final long LARGEST_TOKEN = 100_000;

    private final StsClient client;
    private final StsCredentialsProvider session;
    private final RoleFailures failures;
    private final SdkAutoCloseable base;

    private RoleCredentials(
            StsClient client, StsCredentialsProvider session, RoleFailures failures, SdkAutoCloseable base) {
        this.client = client;
        this.session = session;
        this.failures = failures;
        this.base = base;
    }

    /**
     * The credentials of an assumed role.
     *
     * @param sts where and with which credentials
     */
    static RoleCredentials assumed(AssumedRole role, ServicePlace sts) {
        RoleFailures failures = RoleFailures.assumed(role, sts);
        SharedCredentials base = SharedCredentials.open(sts);
        StsClient client = client(sts, base, new StsPause(failures));
        StsCredentialsProvider session = StsAssumeRoleCredentialsProvider.builder()
                .stsClient(client)
                .asyncCredentialUpdateEnabled(true)
                .refreshRequest(request -> request.roleArn(role.arn())
                        .externalId(role.externalId())
                        .roleSessionName(role.sessionName())
                        .durationSeconds((int) role.duration().toSeconds()))
                .build();
        return new RoleCredentials(client, session, failures, base);
    }

    /** The credentials of a role that STS gives for a token. */
    static RoleCredentials byWebIdentity(WebIdentity identity, ServicePlace sts) {
        RoleFailures failures = RoleFailures.byWebIdentity(identity, sts);
        StsClient client = client(sts, AnonymousCredentialsProvider.create(), new StsPause(failures));
        StsCredentialsProvider session = StsAssumeRoleWithWebIdentityCredentialsProvider.builder()
                .stsClient(client)
                .asyncCredentialUpdateEnabled(true)
                .refreshRequest(() -> request(identity, failures))
                .build();
        return new RoleCredentials(client, session, failures, () -> {});
    }

    private static AssumeRoleWithWebIdentityRequest request(WebIdentity identity, RoleFailures failures) {
        return AssumeRoleWithWebIdentityRequest.builder()
                .roleArn(identity.roleArn())
                .roleSessionName(identity.sessionName())
                .webIdentityToken(token(identity.tokenFile(), failures))
                .build();
    }

    private static String token(Path file, RoleFailures failures) {
        try {
            if (Files.size(file) > LARGEST_TOKEN) {
                throw new IOException("it is larger than " + LARGEST_TOKEN + " bytes");
            }
            String token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new IOException("it is empty");
            }
            return token;
        } catch (IOException e) {
            throw failures.ofToken(e);
        }
    }

    private static StsClient client(ServicePlace place, AwsCredentialsProvider credentials, StsPause pause) {
        StsClientBuilder builder = ServiceClients.common(StsClient.builder(), place, credentials)
                .httpClientBuilder(ServiceClients.http(place, CONNECTIONS).socketTimeout(ANSWERS_WITHIN));
        return builder.overrideConfiguration(builder.overrideConfiguration().toBuilder()
                        .addExecutionInterceptor(pause)
                        .build())
                .build();
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return session.resolveCredentials();
        } catch (RuntimeException e) {
            throw failures.of(e);
        }
    }

    @Override
    public void close() {
        session.close();
        client.close();
        base.close();
    }
}
