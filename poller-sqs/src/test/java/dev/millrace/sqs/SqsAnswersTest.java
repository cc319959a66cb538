package dev.millrace.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.AwsSettings;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.source.EventSourceProvider;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import dev.millrace.sqs.StubSqs.Answer;
import dev.millrace.testkit.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What answers of SQS, that an emulator does not give, mean. */
class SqsAnswersTest {

    private static final String ARN = "arn:aws:sqs:us-east-1:123456789012:orders";
    private static final Answer ATTRIBUTES = new Answer(200, "{\"Attributes\":{\"VisibilityTimeout\":\"45\"}}");
    private static final Answer URL =
            new Answer(200, "{\"QueueUrl\":\"http://only-known-inside:9999/123456789012/orders\"}");

    private final StubSqs sqs = new StubSqs();
    private final SqsQueueSourceProvider provider = new SqsQueueSourceProvider();

    @AfterEach
    void close() {
        provider.close();
        sqs.close();
    }

    @ParameterizedTest
    @CsvSource({
        "400, QueueDoesNotExist, NOT_FOUND",
        "400, AWS.SimpleQueueService.NonExistentQueue, NOT_FOUND",
        "403, AccessDenied, ACCESS_DENIED",
        "400, AccessDeniedException, ACCESS_DENIED",
        "403, InvalidClientTokenId, ACCESS_DENIED",
        "400, UnrecognizedClientException, ACCESS_DENIED",
        "403, SignatureDoesNotMatch, ACCESS_DENIED",
        "400, ExpiredTokenException, ACCESS_DENIED",
        "403, SomethingNobodyHasHeardOf, ACCESS_DENIED",
        "400, KmsAccessDenied, ACCESS_DENIED",
        "400, ThrottlingException, THROTTLED",
        "400, RequestThrottled, THROTTLED",
        "403, RequestThrottled, THROTTLED",
        "400, KmsThrottled, THROTTLED",
        "403, OverLimit, THROTTLED",
        "429, TooManyRequestsException, THROTTLED",
        "500, InternalFailure, UNAVAILABLE",
        "503, ServiceUnavailable, UNAVAILABLE",
        "400, InvalidParameterValue, REJECTED",
    })
    void everyErrorCodeHasAKind(int status, String code, Kind kind) {
        sqs.on("GetQueueUrl", URL).on("ReceiveMessage", Answer.error(status, code));

        SourceProblem problem = problem(() -> open().receive(1, Duration.ZERO));

        assertThat(problem.kind()).isEqualTo(kind);
        assertThat(problem.message()).startsWith(ARN + ": ").contains(code, "says the stub");
    }

    @Test
    void anInterruptEndsACallToAServerThatDoesNotAnswer() throws Exception {
        sqs.on("GetQueueUrl", URL).on("DeleteMessageBatch", Answer.NEVER);
        QueueSource source = open();
        FutureTask<Void> call = new FutureTask<>(() -> {
            source.delete(List.of(new QueueMessage("a", "handle", null, 1, Payload.EMPTY, null, true)));
            return null;
        });
        Thread thread = Thread.ofVirtual().start(call);
        Eventually.until(
                "the server has the request",
                () -> sqs.requests.stream().anyMatch(request -> request.startsWith("DeleteMessageBatch")));
        thread.interrupt();

        assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void nothingIsRetried() {
        sqs.on("GetQueueUrl", URL).on("ReceiveMessage", Answer.error(500, "InternalFailure"));

        problem(() -> open().receive(1, Duration.ZERO));

        assertThat(sqs.requests)
                .filteredOn(request -> request.startsWith("ReceiveMessage"))
                .hasSize(1);
    }

    @Test
    void anAnswerThatIsNotSqsIsAProblemToo() {
        sqs.on("GetQueueUrl", URL).on("ReceiveMessage", new Answer(200, "<html>not SQS</html>"));

        assertThat(problem(() -> open().receive(1, Duration.ZERO)).message()).startsWith(ARN);
    }

    @Test
    void theUrlPointsToTheEndpointThatWasConfigured() throws Exception {
        sqs.on("GetQueueUrl", URL).on("GetQueueAttributes", ATTRIBUTES);

        assertThat(open().describe().visibilityTimeout()).isEqualTo(Duration.ofSeconds(45));

        assertThat(sqs.requests.getFirst()).contains("\"QueueOwnerAWSAccountId\":\"123456789012\"");
        assertThat(sqs.requests.getLast()).contains("\"QueueUrl\":\"" + sqs.endpoint() + "/123456789012/orders\"");
    }

    @Test
    void theUrlIsAskedForOnce() throws Exception {
        sqs.on("GetQueueUrl", URL).on("GetQueueAttributes", ATTRIBUTES);
        QueueSource source = open();

        source.describe();
        source.describe();

        assertThat(sqs.requests)
                .filteredOn(request -> request.startsWith("GetQueueUrl"))
                .hasSize(1);
    }

    /** AWS's managed policy for pollers does not allow GetQueueUrl. */
    @ParameterizedTest
    @CsvSource({"403, AccessDenied", "400, QueueDoesNotExist"})
    void theUrlIsNotNeededFromSqs(int status, String code) throws Exception {
        sqs.on("GetQueueUrl", Answer.error(status, code)).on("GetQueueAttributes", ATTRIBUTES);
        QueueSource source = open();

        source.describe();
        source.describe();

        assertThat(sqs.requests)
                .filteredOn(request -> request.startsWith("GetQueueUrl"))
                .hasSize(1);
        assertThat(sqs.requests.getLast()).contains("\"QueueUrl\":\"" + sqs.endpoint() + "/123456789012/orders\"");
    }

    @Test
    void queuesWithoutAttributesOfMessagesAndUnknownAttributesAreFine() throws Exception {
        sqs.on("GetQueueUrl", URL)
                .on(
                        "ReceiveMessage",
                        new Answer(
                                200,
                                "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"b\","
                                        + "\"MD5OfBody\":\"92eb5ffee6ae2fec3ad71c777531578f\"}]}"));

        assertThat(open().receive(1, Duration.ZERO)).singleElement().satisfies(message -> {
            assertThat(message.receiveCount()).isEqualTo(1);
            assertThat(message.json().text()).contains("\"attributes\":{},\"messageAttributes\":{}");
        });
    }

    @Test
    void theProviderIsFoundAndServesSqsOnly() {
        EventSourceProvider found =
                ServiceLoader.load(EventSourceProvider.class).findFirst().orElseThrow();

        assertThat(found).isInstanceOf(SqsQueueSourceProvider.class);
        assertThat(found.serves(Arn.parse(ARN).orElseThrow())).isTrue();
        assertThat(found.serves(Arn.parse("arn:aws:kinesis:us-east-1:123456789012:stream/s")
                        .orElseThrow()))
                .isFalse();
    }

    @Test
    void openingDoesNotCall() {
        open().close();

        assertThat(sqs.requests).isEmpty();
    }

    @Test
    void requestsAreSignedWhetherOrNotThereAreCredentials() throws Exception {
        sqs.on("GetQueueUrl", URL).on("GetQueueAttributes", ATTRIBUTES);

        open().describe();

        assertThat(sqs.authorizations).allMatch(header -> header.contains("/us-east-1/sqs/aws4_request"));
    }

    private QueueSource open() {
        EventSourceMapping mapping = new EventSourceMapping(
                new UUID(0, 1),
                Arn.parse(ARN).orElseThrow(),
                FunctionReference.parse("orders-fn", new AwsSettings("us-east-1", "000000000000", Map.of()))
                        .orElseThrow(),
                true,
                10,
                Duration.ZERO,
                List.of(),
                false,
                QueueMembers.DEFAULT,
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
        return provider.open(mapping, new AwsSettings("us-east-1", "123456789012", Map.of("Sqs", sqs.endpoint())));
    }

    private interface Call {
        void run() throws SourceException, InterruptedException;
    }

    private static SourceProblem problem(Call call) {
        return catchThrowableOfType(SourceException.class, call::run).problem();
    }
}
