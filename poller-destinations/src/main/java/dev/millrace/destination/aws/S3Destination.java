package dev.millrace.destination.aws;

import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * A bucket that gets an object for each discard: the record with the event (spec 4.6). Thread-safe. A record that is delivered
 * twice overwrites its own object.
 */
final class S3Destination implements Destination {

    private static final String JSON = "application/json";

    /** Objects written at a time; each is in memory as a whole, with up to 13 MB. Further deliveries wait. */
    private static final int MOST_AT_A_TIME = 100;

    private static final DateTimeFormatter DAY = utc("uuuu/MM/dd");
    private static final DateTimeFormatter TIME = utc("uuuu-MM-dd'T'HH.mm.ss");

    private final String bucket;
    private final Supplier<S3Client> client;
    private final DeliveryFailures failures;
    private final Semaphore atATime = new Semaphore(MOST_AT_A_TIME);

    /** Does not connect; the client is asked for at each delivery. */
    S3Destination(String bucket, Supplier<S3Client> client, DeliveryFailures failures) {
        this.bucket = bucket;
        this.client = client;
        this.failures = failures;
    }

    private static DateTimeFormatter utc(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    @Override
    public void deliver(InvocationRecord record) throws DestinationException, InterruptedException {
        atATime.acquire();
        try {
            put(record);
        } finally {
            atATime.release();
        }
    }

    private void put(InvocationRecord record) throws DestinationException, InterruptedException {
        byte[] object = record.withPayload().bytes();
        PutObjectRequest request = PutObjectRequest.builder()
                .bucket(bucket)
                .key(key(record))
                .contentType(JSON)
                .contentMD5(md5(object))
                .build();
        try {
            client.get()
                    .putObject(
                            request,
                            RequestBody.fromContentProvider(
                                    () -> new ByteArrayInputStream(object), object.length, JSON));
        } catch (SdkException e) {
            throw failures.of(e);
        }
    }

    /** {@code aws/lambda/<ESM UUID>/<shard id>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random UUID>}. */
    static String key(InvocationRecord record) {
        return String.join(
                "/",
                "aws/lambda",
                record.mapping().toString(),
                record.shardId(),
                DAY.format(record.timestamp()),
                TIME.format(record.timestamp()) + "-" + record.id());
    }

    private static String md5(byte[] object) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(object));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has MD5", e);
        }
    }

    /** Nothing to close: the clients belong to the provider. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "S3Destination[" + failures.destination() + "]";
    }
}
