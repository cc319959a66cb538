package dev.millrace.aws;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** The credentials of a configured profile; reads the AWS configuration files at the first call. Thread-safe. */
final class ProfileCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    private final String name;
    private final ProfileCredentialsProvider profile;

    ProfileCredentials(String name) {
        this.name = name;
        this.profile = ProfileCredentialsProvider.create(name);
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return profile.resolveCredentials();
        } catch (SdkClientException | IllegalStateException | IllegalArgumentException e) {
            throw new NoCredentialsException(
                    false,
                    "the profile '" + name + "' gives no AWS credentials (" + e.getMessage()
                            + "). Correct Aws.Credentials.Profile, or the files: ~/.aws/config and ~/.aws/credentials,"
                            + " or those that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name",
                    e);
        }
    }

    @Override
    public void close() {
        profile.close();
    }
}
