package dev.millrace.invoker.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

final class LambdaCredentialsTest {

    private static final URI EMULATOR = URI.create("http://localstack:4566");

    private final AtomicInteger looks = new AtomicInteger();
    private final AwsCredentialsProvider nothing = () -> {
        looks.incrementAndGet();
        throw SdkClientException.create("Unable to load credentials");
    };

    @Test
    void credentialsThatAreFoundAreUsed() {
        AwsBasicCredentials found = AwsBasicCredentials.create("key", "secret");

        assertThat(new LambdaCredentials(StaticCredentialsProvider.create(found), EMULATOR).resolveCredentials())
                .isEqualTo(found);
    }

    @Test
    void anEmulatorGetsMadeUpOnes() {
        LambdaCredentials credentials = new LambdaCredentials(nothing, EMULATOR);

        assertThat(credentials.resolveCredentials().accessKeyId()).isNotEmpty();
        assertThat(credentials.resolveCredentials().secretAccessKey()).isNotEmpty();
        assertThat(looks).as("looked for once").hasValue(1);
    }

    @Test
    void awsNeverGetsMadeUpOnes() {
        LambdaCredentials credentials = new LambdaCredentials(nothing, null);

        assertThatThrownBy(credentials::resolveCredentials).isInstanceOf(CredentialsNotFoundException.class);
        assertThatThrownBy(credentials::resolveCredentials).isInstanceOf(CredentialsNotFoundException.class);
        assertThat(looks).as("looked for again").hasValue(2);
    }
}
