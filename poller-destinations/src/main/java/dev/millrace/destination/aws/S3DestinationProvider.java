package dev.millrace.destination.aws;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationProvider;
import dev.millrace.mapping.Arn;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Opens S3 buckets as destinations. A bucket's ARN has no region: the daemon's is tried first, and S3 names the bucket's own
 * where it is another. At the endpoint override {@code S3} the bucket's name is in the path, since an emulator seldom has a
 * host name for each bucket. Thread-safe.
 */
public final class S3DestinationProvider implements DestinationProvider {

    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    private final SharedClients<S3Client> clients = new SharedClients<>(S3DestinationProvider::client, S3Client::close);

    private static S3Client client(ServicePlace place, AwsCredentialsProvider credentials) {
        return ServiceClients.setUp(S3Client.builder(), place, credentials, DestinationArn.CONNECTIONS)
                .crossRegionAccessEnabled(true)
                .forcePathStyle(place.endpoint() != null)
                // Each object goes with its MD5, which every S3-compatible store checks and buckets with Object Lock
                // require. The SDK's own checksums come in a trailer, which many stores do not understand.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
                .build();
    }

    @Override
    public boolean serves(String destination) {
        return DestinationArn.of("s3", destination).isPresent();
    }

    @Override
    public Optional<String> problem(String destination) {
        return DestinationArn.of("s3", destination)
                .filter(arn -> !BUCKET.matcher(arn.resource()).matches())
                .map(_ -> "'" + destination + "' is not the ARN of a bucket; write arn:aws:s3:::BUCKET, without a key");
    }

    @Override
    public Destination open(String destination, boolean includePayload, AwsSettings aws) {
        Arn bucket = DestinationArn.of("s3", destination).orElseThrow();
        ServicePlace place = ServicePlace.of("S3", "S3", "", aws);
        DeliveryFailures failures = new DeliveryFailures(
                destination,
                place,
                "bucket",
                "s3:PutObject on " + destination + "/*, s3:ListBucket for a bucket of another region, and"
                        + " kms:GenerateDataKey for an encrypted one");
        return new S3Destination(bucket.resource(), () -> clients.at(place), failures);
    }

    @Override
    public void close() {
        clients.close();
    }
}
