package dev.millrace.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.testkit.TestMappings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which ARNs are streams of tables, and where they are reached. */
class TableStreamTest {

    private static final String ARN =
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000";

    @Test
    void anArnIsReadIntoItsParts() {
        TableStream stream = ScriptedStreams.stream(ARN, null);

        assertThat(stream.table()).isEqualTo("orders");
        assertThat(stream.label()).isEqualTo("2026-01-01T00:00:00.000");
        assertThat(stream.isLatest()).isFalse();
        assertThat(stream.place().region()).isEqualTo("eu-west-1");
        assertThat(stream.place().isEmulator()).isFalse();
        assertThat(stream.place()).hasToString("DynamoDB Streams in eu-west-1");
    }

    @Test
    void theRegionOfDynamoDbLocalIsItsOwn() {
        TableStream stream = ScriptedStreams.stream(
                "arn:aws:dynamodb:ddblocal:000000000000:table/orders/stream/2026-01-01T00:00:00.000",
                "http://127.0.0.1:8000");

        assertThat(stream.place().region()).isEqualTo("ddblocal");
        assertThat(stream.place().isEmulator()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:dynamodb:us-east-1:111122223333:table/orders",
                "arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/",
                "arn:aws:dynamodb:us-east-1:111122223333:table//stream/x",
                "arn:aws:dynamodb:us-east-1:111122223333:table/orders/index/a/stream/x",
                "arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/x/y",
                "arn:aws:dynamodb:us-east-1:111122223333:stream/orders",
                "arn:aws:kinesis:us-east-1:111122223333:stream/orders",
            })
    void otherArnsAreNotServed(String arn) {
        try (var provider = new DynamoDbStreamSourceProvider()) {
            assertThat(provider.serves(Arn.parse(arn).orElseThrow())).isFalse();
            assertThatThrownBy(() -> provider.open(TestMappings.ofStream(arn, List.of()), TableStreams.aws(Map.of())))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Emulators serve tables and streams at one place. */
    @Test
    void theTablesEndpointServesWhereStreamsHaveNone() {
        URI streams = URI.create("http://127.0.0.1:8001");
        URI tables = URI.create("http://127.0.0.1:8002");

        assertThat(placeOf(Map.of())).isEqualTo("DynamoDB Streams in eu-west-1");
        assertThat(placeOf(Map.of("DynamoDb", tables))).isEqualTo(tables.toString());
        assertThat(placeOf(Map.of("DynamoDb", tables, "DynamoDbStreams", streams)))
                .isEqualTo(streams.toString());
    }

    private static String placeOf(Map<String, URI> endpoints) {
        AwsSettings aws = TableStreams.aws(endpoints);
        return DynamoDbStreamSourceProvider.stream(Arn.parse(ARN).orElseThrow(), aws)
                .place()
                .toString();
    }
}
