package dev.millrace.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

class EndpointCredentialsTest {

    private static final URI EMULATOR = URI.create("http://elasticmq:9324");

    private final AtomicInteger looks = new AtomicInteger();
    private final AwsCredentialsProvider nothing = () -> {
        looks.incrementAndGet();
        throw SdkClientException.create("Unable to load credentials");
    };

    @Test
    void credentialsThatAreFoundAreUsed() {
        AwsBasicCredentials found = AwsBasicCredentials.create("key", "secret");

        assertThat(new EndpointCredentials(StaticCredentialsProvider.create(found), EMULATOR).resolveCredentials())
                .isEqualTo(found);
    }

    @Test
    void anEmulatorGetsMadeUpOnes() {
        EndpointCredentials credentials = new EndpointCredentials(nothing, EMULATOR);

        assertThat(credentials.resolveCredentials().accessKeyId()).isNotEmpty();
        assertThat(credentials.resolveCredentials().secretAccessKey()).isNotEmpty();
        assertThat(looks).as("looked for once").hasValue(1);
    }

    @Test
    void awsNeverGetsMadeUpOnes() {
        EndpointCredentials credentials = new EndpointCredentials(nothing, null);

        assertThatThrownBy(credentials::resolveCredentials).isInstanceOf(NoCredentialsException.class);
        assertThatThrownBy(credentials::resolveCredentials).isInstanceOf(NoCredentialsException.class);
        assertThat(looks).as("looked for again").hasValue(2);
    }

    /** What is reached by TLS may be AWS, whatever its name. */
    @ParameterizedTest
    @CsvSource({
        "http://elasticmq:9324, true",
        "https://sqs.us-east-2.amazonaws.com, false",
        "https://sqs.aws.corp.example, false",
        "https://localhost.localstack.cloud:4566, false",
        ", false",
    })
    void onlyAnEmulatorGetsMadeUpOnes(@Nullable URI endpoint, boolean madeUp) {
        ServicePlace place = new ServicePlace("SQS", "us-east-2", endpoint);
        EndpointCredentials credentials = new EndpointCredentials(nothing, place.emulator());

        if (madeUp) {
            assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("millrace");
        } else {
            assertThatThrownBy(credentials::resolveCredentials).isInstanceOf(NoCredentialsException.class);
        }
        assertThat(place.isEmulator()).isEqualTo(madeUp);
    }

    /** A renewal may fail after hours, such as at the instance's metadata. */
    @Test
    void noneAreMadeUpWhereThereWereRealOnes() {
        AwsBasicCredentials real = AwsBasicCredentials.create("key", "secret");
        AwsCredentialsProvider flaky = () -> {
            if (looks.incrementAndGet() == 2) {
                throw SdkClientException.create("Unable to load credentials");
            }
            return real;
        };
        EndpointCredentials credentials = new EndpointCredentials(flaky, EMULATOR);

        assertThat(credentials.resolveCredentials()).isEqualTo(real);
        assertThatThrownBy(credentials::resolveCredentials).isInstanceOf(NoCredentialsException.class);
        assertThat(credentials.resolveCredentials()).isEqualTo(real);
    }
}
