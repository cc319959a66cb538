package dev.millrace.bench.peer;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Credentials that nobody checks; requests are signed with them all the same, as real ones are. */
public final class CannedCredentials {
    private CannedCredentials() {}

    public static StaticCredentialsProvider provider() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create("bench", "bench"));
    }
}
