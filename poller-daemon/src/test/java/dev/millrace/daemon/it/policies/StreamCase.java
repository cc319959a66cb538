package dev.millrace.daemon.it.policies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.daemon.it.StreamDiscard;
import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.daemon.it.StreamFunction;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.kinesis.TestStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/** One mapping of a Kinesis stream that begins with one shard. */
record StreamCase(PolicyCase mapping, TestStream stream) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Puts records of one key. */
    StreamCase put(List<String> data) {
        data.forEach(one -> stream.put("k", one));
        return this;
    }

    StreamCase put(String... data) {
        return put(List.of(data));
    }

    /** Puts records of each of these keys by turns, with the key and the number of the round, from 0, as their data. */
    StreamCase putRounds(List<String> keys, int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (String key : keys) {
                stream.put(key, key + "/" + round);
            }
        }
        return this;
    }

    /** Puts a record that has been there for so long. */
    StreamCase putAged(Duration age, String data) {
        return putAt(Instant.now().minus(age), data);
    }

    /** Puts a record that arrived at this time. */
    StreamCase putAt(Instant arrival, String data) {
        stream.put("k", Payload.ofText(data), arrival);
        return this;
    }

    /** Splits the stream's shard, and merges what follows it; these shards have the records "left", "right", "merged". */
    StreamCase resharded() {
        List<String> children = stream.split(stream.openShards().getFirst());
        stream.putOn(children.get(0), "k", Payload.ofText("left"));
        stream.putOn(children.get(1), "k", Payload.ofText("right"));
        String merged = stream.merge(children.get(0), children.get(1));
        stream.putOn(merged, "k", Payload.ofText("merged"));
        return this;
    }

    StreamCase answers(Function<StreamEvent, FunctionAnswer> answer) {
        function().answers(answer);
        return this;
    }

    StreamFunction function() {
        return new StreamFunction(mapping.function());
    }

    List<List<String>> batches() {
        return function().batches();
    }

    List<String> delivered() {
        return function().delivered();
    }

    void awaitDelivered(String... data) {
        function().awaitDelivered(data);
    }

    void awaitDiscards(int count) {
        Eventually.until(
                count + " discards of " + stream.name(),
                () -> mapping.discards().size() >= count);
    }

    /** The one thing that the destination was told, without the event, which is to be that of this invocation. */
    ObjectNode onlyDiscard(int invocation) throws IOException {
        assertThat(JSON.readTree(mapping.discards().getFirst().get("payload").asText()))
                .isEqualTo(function().events().get(invocation).json());
        return onlyDiscard();
    }

    /** The one thing that the destination was told, without the event. */
    ObjectNode onlyDiscard() throws IOException {
        List<ObjectNode> discards = mapping.discards();
        assertThat(discards).hasSize(1);
        ObjectNode discard = discards.getFirst();
        discard.remove("payload");
        return discard;
    }

    StreamDiscard discard(String first, String last) {
        return new StreamDiscard(stream, mapping.name(), first, last);
    }

    /** The daemon's life that begins. */
    Life life() {
        return new Life(this, batches().size());
    }

    /**
     * What one daemon does, of several one after the other.
     *
     * @param before the invocations of those before it
     */
    record Life(StreamCase of, int before) {

        List<List<String>> batches() {
            List<List<String>> all = of.batches();
            return all.subList(before, all.size());
        }
    }
}
