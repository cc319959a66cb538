package dev.millrace.aws;

import dev.millrace.aws.CallFailure.Refused;
import dev.millrace.aws.CallFailure.Refused.Kind;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.WebIdentity;
import java.io.IOException;

/**
 * Says why the credentials of a role cannot be had, in words that tell the remedy. Immutable.
 *
 * @param what cannot be done, such as {@code assume the role ARN}
 * @param rights that it takes, after {@code Check that}
 * @param tokenFile for web identity; else empty
 */
record RoleFailures(String what, ServicePlace sts, String rights, String tokenFile) {

    static RoleFailures assumed(AssumedRole role, ServicePlace sts) {
        return new RoleFailures(
                "assume the role " + role.arn(),
                sts,
                "the role exists, that the credentials it is assumed with have the right sts:AssumeRole on it, and that"
                        + " its trust policy names them"
                        + (role.externalId() == null
                                ? " and asks for no external id (AssumeRole.ExternalId)"
                                : " and the configured ExternalId")
                        + "; DurationSeconds must be within the role's maximum session duration",
                "");
    }

    static RoleFailures byWebIdentity(WebIdentity identity, ServicePlace sts) {
        return new RoleFailures(
                "get the role " + identity.roleArn() + " by web identity",
                sts,
                "the role exists, that its trust policy names the identity provider and the subject and audience of the"
                        + " token, and that the token is a current one",
                identity.tokenFile().toString());
    }

    /**
     * The exception that tells what went wrong.
     *
     * @param e of the SDK's credentials or of its client for STS; comes back as it is when it tells of an interrupt
     */
    RuntimeException of(Throwable e) {
        try {
            return exception(CallFailure.of(e, sts.toString()), e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return e instanceof RuntimeException same ? same : new IllegalStateException(e);
        }
    }

    /** The exception that tells why the token cannot be read. */
    NoCredentialsException ofToken(IOException e) {
        return new NoCredentialsException(
                false,
                prefix() + "the token cannot be read from " + tokenFile + " (" + e
                        + "). Check WebIdentity.TokenFile, and that whoever issues the token puts it there",
                e);
    }

    private NoCredentialsException exception(CallFailure failure, Throwable e) {
        return switch (failure) {
            case Refused refused -> refused(refused, e);
            case CallFailure.NoCredentials(var temporary, var text) ->
                // Told before by the client's own side, or by the credentials that the role is assumed with.
                new NoCredentialsException(temporary, text.startsWith(prefix()) ? text : prefix() + text, e);
            case CallFailure.TimedOut() ->
                new NoCredentialsException(true, prefix() + sts + " does not answer in time", e);
            case CallFailure.Unreachable(var reason) ->
                new NoCredentialsException(
                        true,
                        prefix() + "cannot reach " + sts + ": " + reason
                                + ". Check that the network lets the daemon there, and Aws.Endpoints.Sts and"
                                + " Aws.Regions.Sts",
                        e);
            case CallFailure.Broken(var reason) ->
                new NoCredentialsException(true, prefix() + "the call to " + sts + " failed: " + reason, e);
        };
    }

    private NoCredentialsException refused(Refused refused, Throwable e) {
        String answer = " (" + refused.text() + ")";
        return switch (refused.kind()) {
            case THROTTLED, SERVER_ERROR ->
                new NoCredentialsException(
                        true,
                        prefix() + sts
                                + (refused.kind() == Kind.THROTTLED ? " asks to be called less often" : " failed")
                                + answer + ". It will be tried again",
                        e);
            case ACCESS_DENIED, NOT_FOUND, REJECTED ->
                new NoCredentialsException(false, prefix() + sts + " refuses" + answer + ". Check that " + rights, e);
        };
    }

    private String prefix() {
        return "cannot " + what + ": ";
    }
}
