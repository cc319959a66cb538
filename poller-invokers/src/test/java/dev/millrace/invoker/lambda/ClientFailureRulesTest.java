package dev.millrace.invoker.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.aws.NoCredentialsException;
import dev.millrace.aws.ServicePlace;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoke.InvocationOutcome.Unavailable;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.InvokerContract;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

final class ClientFailureRulesTest {

    private final ClientFailureRules rules = new ClientFailureRules(new LambdaSettings(
            new ServicePlace("Lambda", "eu-west-1", null), "orders", "prod", false, 7, Duration.ofSeconds(3)));

    @Test
    void missingCredentialsTellWhereToPutThem() {
        NoCredentialsException missing =
                NoCredentialsException.inUsualPlaces(SdkClientException.create("Unable to load credentials"));

        assertThat(reason(missing))
                .isEqualTo(
                        "function orders:prod in eu-west-1 cannot be invoked: no AWS credentials were found. Give the"
                                + " daemon some: environment variables, a profile, web identity, or the role of the"
                                + " container or instance");
    }

    @Test
    void whatKeepsTheCallFromBeingSentIsUnavailable() {
        assertThat(reason(wrapped(new ConnectTimeoutException("timed out")))).contains("no connection to", "in time");
        assertThat(reason(wrapped(new ConnectionRequestTimeoutException("no lease"))))
                .contains("all 7 connections to function orders:prod in eu-west-1 are in use (MaximumConnections)");
        assertThat(reason(wrapped(new SSLHandshakeException("unknown authority"))))
                .contains("no TLS connection to", "unknown authority");
        assertThat(reason(wrapped(new IOException("odd")))).contains("cannot be invoked: odd");
        assertThat(reason(SdkClientException.create("odd"))).contains("cannot be invoked: odd");
    }

    @Test
    void noAnswerInTimeIsATimeout() {
        assertThat(outcome(wrapped(new SocketTimeoutException("Read timed out"))))
                .isInstanceOf(FunctionError.class);
        assertThat(outcome(ApiCallTimeoutException.create(15_000)))
                .isInstanceOfSatisfying(FunctionError.class, error -> {
                    assertThat(error.errorType()).isEqualTo("Sandbox.Timedout");
                    assertThat(error.message()).endsWith("Task timed out after 3.00 seconds");
                });
    }

    private static SdkClientException wrapped(IOException cause) {
        return SdkClientException.create("Unable to execute HTTP request: " + cause.getMessage(), cause);
    }

    private String reason(SdkClientException failure) {
        InvocationOutcome outcome = outcome(failure);
        assertThat(outcome).isInstanceOf(Unavailable.class);
        return ((Unavailable) outcome).reason();
    }

    private InvocationOutcome outcome(SdkClientException failure) {
        return rules.outcome(failure, InvokerContract.request(Payload.ofText("{}"), Duration.ofSeconds(3)));
    }
}
