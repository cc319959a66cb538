package dev.millrace.destination.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.destination.DestinationContract;
import dev.millrace.testkit.destination.S3Server;
import dev.millrace.testkit.destination.ServiceFault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class S3DestinationTest extends DestinationContract {

    private static final String BUCKET = "discards.example";

    private final S3Server server = new S3Server();
    private final String arn = server.createBucket(BUCKET);
    private final S3DestinationProvider provider = new S3DestinationProvider();
    private final Destination destination = open(arn);

    private Destination open(String bucketArn) {
        return provider.open(
                bucketArn, false, new AwsSettings("us-east-1", "111122223333", Map.of("S3", server.endpoint())));
    }

    @AfterEach
    void close() {
        destination.close();
        provider.close();
        server.close();
    }

    @Override
    protected Destination destination() {
        return destination;
    }

    @Override
    protected List<String> arrived() {
        return List.copyOf(server.objects(BUCKET).values());
    }

    @Override
    protected void breakDown() {
        server.always(ServiceFault.DISCONNECTED);
    }

    @Override
    protected void hang() {
        server.always(ServiceFault.STALLED);
    }

    @Override
    protected void recover() {
        server.heal();
    }

    @Override
    protected boolean limit() {
        server.limit(1_000);
        return true;
    }

    @Override
    protected String name() {
        return arn;
    }

    @Test
    void theKeyIsAws() throws Exception {
        InvocationRecord record = record("key", 0);

        destination.deliver(record);

        assertThat(server.objects(BUCKET))
                .containsOnlyKeys("aws/lambda/11111111-2222-3333-4444-555555555555/shardId-000000000000/2026/01/02/"
                        + "2026-01-02T03.04.05-" + record.id());
    }

    @Test
    void aRecordThatIsDeliveredTwiceIsOneObject() throws Exception {
        InvocationRecord record = record("twice", 0);

        destination.deliver(record);
        destination.deliver(record);

        assertThat(server.objects(BUCKET)).hasSize(1);
    }

    /** Stores that only look like S3 often know neither chunked uploads nor the newer checksums. */
    @Test
    void theRequestIsOneThatEveryStoreUnderstands() throws Exception {
        destination.deliver(record("plain", 0));

        FunctionCall put = server.calls().getFirst();
        assertThat(put.target()).startsWith("/" + BUCKET + "/aws/lambda/");
        assertThat(put.header("Content-MD5")).isPresent();
        assertThat(put.header("Content-Type")).contains("application/json");
        assertThat(put.header("Content-Encoding")).isEmpty();
        assertThat(put.headers().keySet()).noneMatch(name -> name.startsWith("x-amz-checksum"));
        assertThat(put.header("x-amz-content-sha256").orElse("")).doesNotStartWith("STREAMING");
    }

    @Test
    void aBucketOfAnotherRegionIsFoundThere() throws Exception {
        String elsewhere = server.createBucket("elsewhere", "eu-central-1");
        InvocationRecord record = record("far", 0);

        open(elsewhere).deliver(record);

        assertThat(server.objects("elsewhere").values()).containsExactly(expected(record));
    }

    @Test
    void deniedAccessNamesTheRight() {
        server.always(ServiceFault.ACCESS_DENIED);

        DestinationException failure = failure(record("denied", 0));

        assertThat(failure.permanent()).isFalse();
        assertThat(failure).hasMessageContainingAll(arn, "s3:PutObject on " + arn + "/*");
    }

    @Test
    void aBucketThatDoesNotExistMayBeCreated() {
        Destination missing = open("arn:aws:s3:::missing");

        DestinationException failure =
                catchThrowableOfType(DestinationException.class, () -> missing.deliver(record("early", 0)));

        assertThat(failure.permanent()).isFalse();
        assertThat(failure).hasMessageContainingAll("NoSuchBucket", "Create it");
    }

    @Test
    void theOperatorsBucketMustBeOne() {
        assertThat(provider.problem(arn)).isEmpty();
        assertThat(provider.problem("arn:aws:s3:::bucket/folder").orElseThrow()).contains("without a key");
        assertThat(provider.problem("arn:aws:s3:us-east-1:000000000000:accesspoint/x"))
                .isPresent();
        assertThat(provider.serves("arn:aws:sqs:us-east-1:000000000000:q")).isFalse();
    }
}
