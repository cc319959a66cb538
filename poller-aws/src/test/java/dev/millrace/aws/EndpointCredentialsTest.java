package dev.millrace.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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
}
