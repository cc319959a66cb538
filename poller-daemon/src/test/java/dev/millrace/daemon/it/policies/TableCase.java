package dev.millrace.daemon.it.policies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.dynamodb.TestTable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One mapping of the stream of a table, each of whose items has one value and is put once. */
record TableCase(PolicyCase mapping, TestTable table) {

    private static final ObjectMapper JSON = new ObjectMapper();

    TableCase put(String... values) {
        for (String value : values) {
            table.put("key of " + value, "value", value);
        }
        return this;
    }

    /** The function fails with every event that has this value. */
    TableCase failing(String value) {
        mapping.function()
                .always(call -> call.text().contains("{\"S\":\"" + value + "\"}")
                        ? StreamEvent.error("no " + value)
                        : FunctionAnswer.ok(""));
        return this;
    }

    /** The values of each event's items. */
    List<List<String>> batches() throws IOException {
        List<List<String>> batches = new ArrayList<>();
        for (FunctionCall call : mapping.function().calls()) {
            batches.add(JSON.readTree(call.text()).findValues("NewImage").stream()
                    .map(image -> image.at("/value/S").asText())
                    .toList());
        }
        return batches;
    }

    /**
     * What AWS would tell a destination of the one change of this invocation, when its retries were used up on errors of the
     * function's code. Its time and its shard are taken from what came.
     */
    JsonNode discard(JsonNode got, int invocation, int invocations) throws IOException {
        JsonNode change =
                JSON.readTree(mapping.function().calls().get(invocation).text()).at("/Records/0/dynamodb");
        String number = change.get("SequenceNumber").asText();
        Instant time =
                Instant.ofEpochSecond(change.get("ApproximateCreationDateTime").asLong());
        String shard = got.at("/DDBStreamBatchInfo/shardId").asText();
        assertThat(shard).startsWith("shardId-");
        return JSON.readTree("""
            {"requestContext": {"requestId": "%s", "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:%s",
              "condition": "RetryAttemptsExhausted", "approximateInvokeCount": %d},
             "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
             "version": "1.0", "timestamp": "%s",
             "DDBStreamBatchInfo": {"shardId": "%s", "startSequenceNumber": "%s", "endSequenceNumber": "%s",
              "approximateArrivalOfFirstRecord": "%s", "approximateArrivalOfLastRecord": "%s",
              "batchSize": 1, "streamArn": "%s"}}
            """.formatted(
                        mapping.requestId(invocation),
                        mapping.name(),
                        invocations,
                        got.get("timestamp").asText(),
                        shard,
                        number,
                        number,
                        time,
                        time,
                        table.streamArn()));
    }
}
