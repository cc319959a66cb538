package dev.millrace.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.Loopback;
import dev.millrace.testkit.StreamSourceContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The contract for Kinesis on a server and by a way of reading that a subclass names. */
abstract class KinesisStreamContract extends StreamSourceContract {

    private static final JsonMapper JSON = new JsonMapper();

    /** The server. */
    protected abstract KinesisStreams streams();

    /** The ARN by which the stream of this name is opened. */
    protected abstract String source(String name);

    /** The ARN of a stream that does not exist. */
    protected abstract String missingSource();

    @Override
    protected StreamUnderTest stream(int shards, List<String> filterPatterns) {
        String name = streams().create(shards);
        StreamSource source = streams().open(source(name), filterPatterns);
        return new StreamUnderTest() {
            @Override
            public StreamSource source() {
                return source;
            }

            @Override
            public void put(String key, String data) {
                streams().put(name, key, data.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public void endShards() {
                streams().splitAll(name);
            }
        };
    }

    @Override
    protected StreamSource missing() {
        return streams().open(missingSource(), List.of());
    }

    @Override
    protected StreamSource unreachable() {
        return streams().open(missingSource(), List.of(), Loopback.nothingListens(), false);
    }

    @Override
    protected String data(StreamRecord record) {
        try {
            return new String(json(record).path("kinesis").path("data").binaryValue(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(StreamRecord record) {
        try {
            return JSON.readTree(record.json().bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected String orderPattern() {
        return "{\"data\":{\"kind\":[\"order\"]}}";
    }
}
