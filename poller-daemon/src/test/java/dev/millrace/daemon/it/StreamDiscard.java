package dev.millrace.daemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.kinesis.model.StoredRecord;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What AWS would tell a destination of records that were given up, as the whole document. Only its time is taken from what
 * came, and its request id where there was no invocation.
 *
 * @param stream whose first shard has the records
 * @param first the data of the first one
 * @param last the data of the last one
 */
public record StreamDiscard(TestStream stream, String function, String first, String last) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Given up because retries were used up on errors of the function's code. */
    public ObjectNode afterRetries(JsonNode got, int invocations, String requestId) throws IOException {
        String unhandled = "\"responseContext\": {\"statusCode\": 200, \"executedVersion\": \"$LATEST\","
                + " \"functionError\": \"Unhandled\"},";
        return document(got, "RetryAttemptsExhausted", invocations, requestId, unhandled);
    }

    /** Given up because they were too old, after so many invocations: AWS does not say how the last one ended. */
    public ObjectNode afterTooLong(JsonNode got, int invocations, String requestId) throws IOException {
        return document(got, "RecordAgeExceeded", invocations, requestId, "");
    }

    /** Given up because they were too old before the function got them. */
    public ObjectNode neverInvoked(JsonNode got) throws IOException {
        return afterTooLong(got, 1, got.at("/requestContext/requestId").asText());
    }

    private ObjectNode document(
            JsonNode got, String condition, int invocations, String requestId, String responseContext)
            throws IOException {
        String shard = stream.shards().getFirst().shardId();
        List<StoredRecord> records = stream.records(shard).stream()
                .dropWhile(stored -> !stored.data().text().equals(first))
                .toList();
        int size = 1
                + records.stream().map(stored -> stored.data().text()).toList().indexOf(last);
        StoredRecord begin = records.getFirst();
        StoredRecord end = records.get(size - 1);
        assertThat(requestId).hasSize(36);
        return (ObjectNode) JSON.readTree("""
            {"requestContext": {"requestId": "%s", "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:%s",
              "condition": "%s", "approximateInvokeCount": %d}, %s
             "version": "1.0", "timestamp": "%s",
             "KinesisBatchInfo": {"shardId": "%s", "startSequenceNumber": "%s", "endSequenceNumber": "%s",
              "approximateArrivalOfFirstRecord": "%s", "approximateArrivalOfLastRecord": "%s",
              "batchSize": %d, "streamArn": "%s"}}
            """.formatted(
                        requestId,
                        function,
                        condition,
                        invocations,
                        responseContext,
                        timeOf(got, end.arrival()),
                        shard,
                        begin.sequenceNumber(),
                        end.sequenceNumber(),
                        milliseconds(begin.arrival()),
                        milliseconds(end.arrival()),
                        size,
                        stream.arn()));
    }

    private static String timeOf(JsonNode got, Instant after) {
        String time = got.get("timestamp").asText();
        assertThat(time).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(Instant.parse(time)).isBetween(after.truncatedTo(ChronoUnit.MILLIS), Instant.now());
        return time;
    }

    private static String milliseconds(Instant time) {
        Instant cut = time.truncatedTo(ChronoUnit.MILLIS);
        // Always three digits, where toString leaves zeros out.
        return "%s.%03dZ".formatted(cut.toString().substring(0, 19), cut.toEpochMilli() % 1000);
    }
}
