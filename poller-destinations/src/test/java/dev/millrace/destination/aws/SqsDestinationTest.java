package dev.millrace.destination.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationException;
import dev.millrace.failure.InvocationRecord;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.ElasticMqServer;
import dev.millrace.testkit.destination.DestinationContract;
import dev.millrace.testkit.sqs.SqsFault;
import dev.millrace.testkit.sqs.SqsProxy;
import dev.millrace.testkit.sqs.SqsServer;
import dev.millrace.testkit.sqs.TestQueue;
import dev.millrace.testkit.sqs.TestQueues;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A queue of ElasticMQ behind a proxy that breaks on cue. */
@SuppressWarnings("NullAway.Init") // JUnit sets the fixtures before any test.
class SqsDestinationTest extends DestinationContract {

    private static final String SEND = "SendMessage";

    private static ElasticMqServer server;

    private final List<String> arrived = new ArrayList<>();
    private final SqsDestinationProvider provider = new SqsDestinationProvider();
    private SqsProxy proxy;
    private TestQueues queues;
    private TestQueue queue;
    private Destination destination;

    @BeforeAll
    static void startServer() {
        server = ElasticMqServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        SqsServer behind =
                new SqsServer("ElasticMQ", server.endpoint(), ElasticMqServer.REGION, ElasticMqServer.ACCOUNT);
        proxy = new SqsProxy(behind);
        queues = new TestQueues(behind);
        queue = queues.create("discards", 30);
        destination = open(queue.arn(), true);
    }

    private Destination open(String arn, boolean includePayload) {
        URI endpoint = proxy.server().endpoint();
        return provider.open(
                arn, includePayload, new AwsSettings("eu-west-9", "111122223333", Map.of("Sqs", endpoint)));
    }

    @AfterEach
    void close() {
        destination.close();
        provider.close();
        proxy.close();
        queues.close();
    }

    @Override
    protected Destination destination() {
        return destination;
    }

    @Override
    protected List<String> arrived() {
        for (List<TestQueue.Taken> taken = queue.take(); !taken.isEmpty(); taken = queue.take()) {
            taken.forEach(message -> arrived.add(message.body()));
        }
        return List.copyOf(arrived);
    }

    @Override
    protected void breakDown() {
        proxy.always(queue, SqsProxy.EVERYTHING, new SqsFault.Disconnected());
    }

    @Override
    protected void hang() {
        proxy.always(queue, SqsProxy.EVERYTHING, new SqsFault.Stalled());
    }

    @Override
    protected void recover() {
        proxy.heal(queue);
    }

    @Override
    protected boolean limit() {
        proxy.always(queue, SEND, new SqsFault.Refused(400, "InvalidParameterValue"));
        return true;
    }

    @Override
    protected String name() {
        return queue.arn();
    }

    @Override
    protected String expectedOfLarge(InvocationRecord record) {
        return record.document().text();
    }

    @Test
    void sendsMetadataOnlyUnlessThePayloadIsWanted() throws Exception {
        InvocationRecord record = record("metadata", 10);

        open(queue.arn(), false).deliver(record);

        assertThat(arrived()).containsExactly(record.document().text());
    }

    @Test
    void thePayloadGoesAlongUpTo256Kilobytes() throws Exception {
        int rest = record("r", 0).withPayload().text().length();
        InvocationRecord fits = record("r", MessageDestination.LARGEST_MESSAGE - rest);
        InvocationRecord tooLarge = record("r", MessageDestination.LARGEST_MESSAGE - rest + 1);
        assertThat(fits.withPayload().size()).isEqualTo(262_144);

        destination.deliver(fits);
        destination.deliver(tooLarge);

        assertThat(arrived())
                .containsExactlyInAnyOrder(
                        fits.withPayload().text(), tooLarge.document().text());
        assertThat(destination.deliveredWithoutPayload()).isOne();
    }

    @Test
    void thePayloadStaysBehindWhereTheQueueItselfTakesLess() throws Exception {
        InvocationRecord record = record("small queue", 10);
        proxy.next(queue, SEND, new SqsFault.Refused(400, "InvalidParameterValue"));

        destination.deliver(record);

        assertThat(arrived()).containsExactly(record.document().text());
    }

    /** U+FFFE and U+FFFF: JSON may hold them, messages of SQS may not. */
    @Test
    void charactersThatMessagesMayNotHoldAreEscaped() throws Exception {
        InvocationRecord small = record("odd", 0);
        InvocationRecord odd = new InvocationRecord(
                small.id(),
                small.mapping(),
                small.shardId(),
                small.timestamp(),
                small.document(),
                Payload.ofText("{\"Records\":[\"\uFFFE\uFFFF\"]}"));

        destination.deliver(odd);

        assertThat(arrived()).singleElement().asString().contains("{\\\"Records\\\":[\\\"\\ufffe\\uffff\\\"]}");
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied, sqs:SendMessage",
        "400, KmsAccessDenied, kms:GenerateDataKey",
        "400, QueueDoesNotExist, Create it",
        "400, RequestThrottled, called less often",
        "503, ServiceUnavailable, failed",
        "400, KMS.DisabledException, Check the destination",
    })
    void everyRefusalIsExplainedAndWorthAnotherTry(int status, String code, String remedy) {
        proxy.always(queue, SEND, new SqsFault.Refused(status, code));

        DestinationException failure = failure(record("refused", 0));

        assertThat(failure.permanent()).isFalse();
        assertThat(failure).hasMessageContainingAll(queue.arn(), code, remedy);
    }

    @Test
    void credentialsThatMaySendAndNothingElseAreEnough() throws Exception {
        InvocationRecord record = record("least privilege", 0);
        proxy.always(queue, SqsProxy.GET_URL, SqsFault.accessDenied());

        destination.deliver(record);
        destination.deliver(record);

        assertThat(arrived()).hasSize(2);
        assertThat(proxy.calls(queue, SqsProxy.GET_URL)).as("asked for the URL").isOne();
    }

    @Test
    void aQueueThatIsCreatedLaterIsFoundThen() throws Exception {
        String name = TestQueues.freeName("later");
        Destination later = open(ElasticMqServer.arn(name), true);
        InvocationRecord record = record("early", 0);
        assertThat(failureAt(later, record)).hasMessageContaining("does not exist");
        TestQueue created = queues.create(name, Map.of());

        later.deliver(record);

        assertThat(created.take()).extracting(TestQueue.Taken::body).containsExactly(expected(record));
    }

    private static DestinationException failureAt(Destination destination, InvocationRecord record) {
        return catchThrowableOfType(DestinationException.class, () -> destination.deliver(record));
    }

    @Test
    void servesQueuesAndNothingElse() {
        assertThat(provider.serves(queue.arn())).isTrue();
        assertThat(provider.serves("arn:aws:sns:us-east-1:000000000000:t")).isFalse();
        assertThat(provider.serves("file:/tmp/x")).isFalse();
        assertThat(provider.problem(queue.arn())).isEmpty();
        assertThat(provider.problem("arn:aws:sqs:::q").orElseThrow()).contains("arn:aws:sqs:REGION:ACCOUNT:NAME");
    }
}
