package dev.millrace.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.batch.WindowCall;
import dev.millrace.batch.WindowEvent;
import dev.millrace.config.AwsSettings;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.EventSourceMapping.SourceSettings;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The documents of spec 4.6, byte for byte. */
class InvocationRecordsTest {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final UUID ID = UUID.fromString("99999999-8888-7777-6666-555555555555");
    private static final String REQUEST = "c9b8fa9f-5a7f-4aaa-af9c-0c604cde93a5";
    private static final String STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/clicks";
    private static final String TABLE =
            "arn:aws:dynamodb:us-east-1:000000000000:table/accounts/stream/2026-01-01T00:00:00.000";
    private static final Instant GIVEN_UP = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final List<StreamRecord> TWO = List.of(
            record("49500", Instant.parse("2026-01-02T03:04:01Z"), "{\"a\":\"Grüße \\\"1\\\"\"}"),
            record("49501", Instant.parse("2026-01-02T03:04:02.500999Z"), "{\"b\":2}"));

    @Test
    void kinesisAfterTheLastRetry() {
        assertThat(document(STREAM, "clicks-fn", retriesExhausted(3, "Unhandled")))
                .isEqualTo("""
                    {"requestContext":{"requestId":"c9b8fa9f-5a7f-4aaa-af9c-0c604cde93a5",\
                    "functionArn":"arn:aws:lambda:us-east-1:000000000000:function:clicks-fn",\
                    "condition":"RetryAttemptsExhausted","approximateInvokeCount":3},\
                    "responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},\
                    "version":"1.0","timestamp":"2026-01-02T03:04:05.678Z",\
                    "KinesisBatchInfo":{"shardId":"shardId-000000000000",\
                    "startSequenceNumber":"49500","endSequenceNumber":"49501",\
                    "approximateArrivalOfFirstRecord":"2026-01-02T03:04:01.000Z",\
                    "approximateArrivalOfLastRecord":"2026-01-02T03:04:02.500Z",\
                    "batchSize":2,"streamArn":"arn:aws:kinesis:us-east-1:000000000000:stream/clicks"}}\
                    """);
    }

    /** The arrivals are whole seconds; AWS's own example has milliseconds in the timestamp all the same. */
    @Test
    void dynamoDbAfterTheLastRetry() {
        assertThat(document(TABLE, "clicks-fn", retriesExhausted(1, "Unhandled")))
                .endsWith("""
                    "version":"1.0","timestamp":"2026-01-02T03:04:05.678Z",\
                    "DDBStreamBatchInfo":{"shardId":"shardId-000000000000",\
                    "startSequenceNumber":"49500","endSequenceNumber":"49501",\
                    "approximateArrivalOfFirstRecord":"2026-01-02T03:04:01Z",\
                    "approximateArrivalOfLastRecord":"2026-01-02T03:04:02Z",\
                    "batchSize":2,"streamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/accounts/stream/\
                    2026-01-01T00:00:00.000"}}\
                    """);
    }

    @Test
    void partialFailuresHaveAnExplicitNullForTheError() {
        assertThat(document(STREAM, "clicks-fn", retriesExhausted(4, null)))
                .contains("\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\","
                        + "\"functionError\":null},\"version\"");
    }

    @Test
    void recordsThatWereTooOldHaveNoResponseContext() {
        Discard neverInvoked = new Discard("s", TWO, DiscardReason.RECORD_AGE_EXCEEDED, 0, null, null, GIVEN_UP);
        Discard invoked =
                new Discard("s", TWO, DiscardReason.RECORD_AGE_EXCEEDED, 8, last("Unhandled"), null, GIVEN_UP);

        assertThat(document(STREAM, "clicks-fn", neverInvoked))
                .startsWith("{\"requestContext\":{\"requestId\":\"" + ID + "\"")
                .contains("\"condition\":\"RecordAgeExceeded\",\"approximateInvokeCount\":1},\"version\":\"1.0\"");
        assertThat(document(STREAM, "clicks-fn", invoked))
                .startsWith("{\"requestContext\":{\"requestId\":\"" + REQUEST + "\"")
                .contains("\"condition\":\"RecordAgeExceeded\",\"approximateInvokeCount\":8},\"version\":\"1.0\"");
    }

    @Test
    void aRecordThatNoEventCanCarryHasItsOwnCondition() {
        Discard tooLarge = new Discard("s", TWO, DiscardReason.RECORD_TOO_LARGE, 0, null, null, GIVEN_UP);

        assertThat(document(STREAM, "clicks-fn", tooLarge))
                .contains("\"condition\":\"RecordTooLarge\",\"approximateInvokeCount\":1},\"version\"");
    }

    @Test
    void theFunctionIsNamedAsTheMappingNamesIt() {
        assertThat(document(STREAM, "clicks-fn:prod", retriesExhausted(3, "Unhandled")))
                .contains("\"functionArn\":\"arn:aws:lambda:us-east-1:000000000000:function:clicks-fn:prod\"");
    }

    @Test
    void theStreamOfAConsumerIsTheStream() {
        assertThat(document(STREAM + "/consumer/app:1525898737", "clicks-fn", retriesExhausted(3, "Unhandled")))
                .endsWith("\"streamArn\":\"" + STREAM + "\"}}");
    }

    @Test
    void millisecondsAreWrittenAlsoWhereThereAreNone() {
        Instant whole = Instant.parse("2026-01-02T03:04:05Z");

        assertThat(document(
                        STREAM,
                        "clicks-fn",
                        new Discard("s", TWO, DiscardReason.RECORD_AGE_EXCEEDED, 0, null, null, whole)))
                .contains("\"timestamp\":\"2026-01-02T03:04:05.000Z\"");
    }

    @Test
    void thePayloadIsTheEventAsText() throws Exception {
        InvocationRecord record = records(STREAM, "clicks-fn").of(retriesExhausted(3, "Unhandled"), ID);
        String document = record.document().text();

        String withPayload = record.withPayload().text();

        assertThat(withPayload)
                .startsWith(document.substring(0, document.length() - 1) + ",\"payload\":\"{\\\"Records\\\":[")
                .endsWith("]}\"}");
        JsonNode read = new ObjectMapper().readTree(withPayload);
        assertThat(read.get("payload").textValue())
                .isEqualTo(record.event().text())
                .isEqualTo("{\"Records\":[{\"a\":\"Grüße \\\"1\\\"\"},{\"b\":2}]}");
        assertThat(read.fieldNames())
                .toIterable()
                .containsExactly(
                        "requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo", "payload");
    }

    @Test
    void theRecordKnowsWhatDestinationsNameItBy() {
        InvocationRecord record = records(STREAM, "clicks-fn").of(retriesExhausted(3, "Unhandled"), ID);

        assertThat(record.id()).isEqualTo(ID);
        assertThat(record.mapping()).isEqualTo(MAPPING);
        assertThat(record.shardId()).isEqualTo("shardId-000000000000");
        assertThat(record.timestamp()).isEqualTo(GIVEN_UP);
    }

    /** Whoever invokes the function with it again invokes it as the mapping did. */
    @Test
    void thePayloadOfATumblingWindowHasItsMembers() {
        Instant start = Instant.parse("2026-01-02T03:04:00Z");
        WindowCall window = new WindowCall(start, start.plusSeconds(60), Payload.ofText("{\"n\":7}"), false, false);
        Discard discard = new Discard("s", TWO, DiscardReason.RETRY_ATTEMPTS_EXHAUSTED, 3, null, window, GIVEN_UP);

        assertThat(records(STREAM, "clicks-fn").of(discard, ID).event().text())
                .isEqualTo(WindowEvent.of(TWO.stream().map(StreamRecord::json).toList(), window, "s", STREAM)
                        .text())
                .contains("\"state\":{\"n\":7}");
    }

    @Test
    void queuesHaveNoDiscards() {
        assertThatThrownBy(() -> records("arn:aws:sqs:us-east-1:000000000000:orders", "clicks-fn"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Discard retriesExhausted(int invocations, @Nullable String functionError) {
        return new Discard(
                "shardId-000000000000",
                TWO,
                DiscardReason.RETRY_ATTEMPTS_EXHAUSTED,
                invocations,
                last(functionError),
                null,
                GIVEN_UP);
    }

    private static LastInvocation last(@Nullable String functionError) {
        return new LastInvocation(REQUEST, "$LATEST", functionError);
    }

    private static StreamRecord record(String number, Instant arrival, String json) {
        return new StreamRecord(SequenceNumber.of(number), "key", arrival, Payload.ofText(json), true);
    }

    private static String document(String source, String function, Discard discard) {
        return records(source, function).of(discard, ID).document().text();
    }

    private static InvocationRecords records(String source, String function) {
        Arn arn = Arn.parse(source).orElseThrow();
        SourceSettings settings = arn.service().equals("sqs")
                ? QueueMembers.DEFAULT
                : new StreamMembers(StartingPosition.LATEST, null, 1, -1, Duration.ZERO, false, Duration.ZERO, null);
        return new InvocationRecords(
                new EventSourceMapping(
                        MAPPING,
                        arn,
                        FunctionReference.parse(function, new AwsSettings("us-east-1", "000000000000", Map.of()))
                                .orElseThrow(),
                        true,
                        100,
                        Duration.ZERO,
                        List.of(),
                        false,
                        settings,
                        Set.of(),
                        null,
                        Map.of(),
                        MappingOptions.DEFAULT),
                arn.ofStream().toString());
    }
}
