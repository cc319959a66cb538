package dev.millrace.destination.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.testkit.destination.DestinationContract;
import dev.millrace.testkit.destination.ServiceFault;
import dev.millrace.testkit.destination.SnsServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnsDestinationTest extends DestinationContract {

    private final SnsServer server = new SnsServer();
    private final String topic = server.createTopic("discards");
    private final SnsDestinationProvider provider = new SnsDestinationProvider();
    private final Destination destination = open(topic, true);

    private Destination open(String arn, boolean includePayload) {
        return provider.open(
                arn, includePayload, new AwsSettings("eu-west-9", "111122223333", Map.of("Sns", server.endpoint())));
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
        return server.messages(topic);
    }

    @Override
    protected void breakDown() {
        server.always(ServiceFault.INTERNAL_ERROR);
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
        return topic;
    }

    @Override
    protected String expectedOfLarge(InvocationRecord record) {
        return record.document().text();
    }

    @Test
    void publishesMetadataOnlyUnlessThePayloadIsWanted() throws Exception {
        InvocationRecord record = record("metadata", 10);

        open(topic, false).deliver(record);

        assertThat(arrived()).containsExactly(record.document().text());
    }

    @Test
    void thePayloadGoesAlongUpTo256Kilobytes() throws Exception {
        int rest = record("r", 0).withPayload().text().length();
        InvocationRecord fits = record("r", SnsServer.LARGEST_MESSAGE - rest);
        InvocationRecord tooLarge = record("r", SnsServer.LARGEST_MESSAGE - rest + 1);

        destination.deliver(fits);
        destination.deliver(tooLarge);

        assertThat(arrived())
                .containsExactly(fits.withPayload().text(), tooLarge.document().text());
    }

    @Test
    void deniedAccessNamesTheRight() {
        server.always(ServiceFault.ACCESS_DENIED);

        DestinationException failure = failure(record("denied", 0));

        assertThat(failure.permanent()).isFalse();
        assertThat(failure).hasMessageContainingAll(topic, "sns:Publish");
    }

    @Test
    void aTopicThatDoesNotExistMayBeCreated() {
        Destination missing = open("arn:aws:sns:us-east-1:000000000000:missing", true);

        DestinationException failure =
                catchThrowableOfType(DestinationException.class, () -> missing.deliver(record("early", 0)));

        assertThat(failure.permanent()).isFalse();
        assertThat(failure).hasMessageContainingAll("does not exist", "Create it");
    }

    @Test
    void nothingIsRetriedHere() throws Exception {
        server.next(1, ServiceFault.THROTTLED);
        InvocationRecord record = record("once", 0);

        assertThat(failure(record)).hasMessageContaining("called less often");

        assertThat(server.calls()).hasSize(1);
        destination.deliver(record);
        assertThat(arrived()).containsExactly(expected(record));
    }

    @Test
    void theTopicIsCalledInItsOwnRegion() throws Exception {
        destination.deliver(record("region", 0));

        assertThat(server.calls().getFirst().header("Authorization").orElseThrow())
                .contains("/us-east-1/sns/aws4_request");
    }
}
