package dev.millrace.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.aws.NoCredentialsException;
import dev.millrace.aws.ServicePlace;
import dev.millrace.mapping.Arn;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Failures that are not answers of SQS; for those see {@link SqsAnswersTest}. */
class SqsFailuresTest {

    private static final SqsFailures FAILURES = new SqsFailures(
            Arn.parse("arn:aws:sqs:us-east-1:123456789012:orders").orElseThrow(),
            new ServicePlace("SQS", "us-east-1", URI.create("http://sqs:9324")));

    @Test
    void unreachableServersAreUnavailable() throws Exception {
        assertThat(problem(new ConnectException("Connection refused")).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(problem(new UnknownHostException("sqs")).message())
                .contains("cannot reach http://sqs:9324", "UnknownHostException");
        assertThat(problem(new SocketException("Connection reset")).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void silentServersAreUnavailable() throws Exception {
        SourceProblem problem = problem(new SocketTimeoutException("Read timed out"));

        assertThat(problem.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(problem.message()).contains("does not answer in time");
    }

    @Test
    void missingCredentialsAreSaidToBeMissing() throws Exception {
        SourceProblem problem = problem(NoCredentialsException.inUsualPlaces(SdkClientException.create("none")));

        assertThat(problem.kind()).isEqualTo(Kind.ACCESS_DENIED);
        assertThat(problem.message()).contains("no AWS credentials were found");
    }

    @Test
    void whatNobodyForesawIsRejected() throws Exception {
        assertThat(problem(new IllegalStateException("strange")).kind()).isEqualTo(Kind.REJECTED);
    }

    @Test
    void interruptsAreInterrupts() {
        assertThatThrownBy(() -> problem(new InterruptedException())).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> FAILURES.of(AbortedException.create("aborted")))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void interruptsThatOnlyTheThreadRemembersAreInterruptsAndUsedUp() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> problem(new SocketException("Closed by interrupt")))
                .isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).isFalse();
    }

    private static SourceProblem problem(Exception cause) throws InterruptedException {
        return FAILURES.of(SdkClientException.create("Unable to execute HTTP request", cause))
                .problem();
    }
}
