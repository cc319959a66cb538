package dev.millrace.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.Arn;
import dev.millrace.source.EventSourceProvider;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ARNs and what they mean. */
class StreamAddressTest {

    private static final String STREAM = "arn:aws:kinesis:us-east-2:111122223333:stream/orders-1_a.b";

    private static StreamAddress address(String arn) {
        return ScriptedKinesis.address(arn, null);
    }

    @Test
    void aStreamIsReadByGetRecords() {
        StreamAddress address = address(STREAM);

        assertThat(address.isConsumer()).isFalse();
        assertThat(address.name()).isEqualTo("orders-1_a.b");
        assertThat(address.stream()).hasToString(STREAM);
        assertThat(address.place().region()).isEqualTo("us-east-2");
        assertThat(address.place()).hasToString("Kinesis in us-east-2");
    }

    @Test
    void aConsumerBelongsToItsStream() {
        StreamAddress address = address(STREAM + "/consumer/millrace:1767225600");

        assertThat(address.isConsumer()).isTrue();
        assertThat(address.name()).isEqualTo("orders-1_a.b");
        assertThat(address.stream()).hasToString(STREAM);
        assertThat(address.source()).hasToString(STREAM + "/consumer/millrace:1767225600");
    }

    @ParameterizedTest
    @CsvSource({
        ", false",
        "https://kinesis.us-east-2.amazonaws.com, false",
        "https://kinesis.example.com, false",
        "http://localhost:4566, true",
    })
    void emulatorsAreToldNamesAndAwsArns(String endpoint, boolean byName) {
        StreamAddress address = ScriptedKinesis.address(STREAM, endpoint);

        assertThat(address.nameForCalls()).isEqualTo(byName ? "orders-1_a.b" : null);
        assertThat(address.arnForCalls()).isEqualTo(byName ? null : STREAM);
    }

    @Test
    void theRegionOfTheDaemonCountsWhereTheArnHasNone() {
        assertThat(address("arn:aws:kinesis::111122223333:stream/s").place().region())
                .isEqualTo("us-east-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {STREAM, STREAM + "/consumer/c:1"})
    void theProviderServesStreamsAndConsumers(String arn) {
        assertThat(serves(arn)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:sqs:us-east-1:111122223333:stream/s",
                "arn:aws:kinesis:us-east-1:111122223333:stream/",
                "arn:aws:kinesis:us-east-1:111122223333:orders",
                "arn:aws:kinesis:us-east-1:111122223333:stream/a/b",
                "arn:aws:kinesis:us-east-1:111122223333:stream/a/consumer/",
                "arn:aws:kinesis:us-east-1:111122223333:stream//consumer/c:1",
                "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000",
            })
    void theProviderServesNothingElse(String arn) {
        assertThat(serves(arn)).isFalse();
    }

    private static boolean serves(String arn) {
        return ServiceLoader.load(EventSourceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .anyMatch(provider -> provider.serves(Arn.parse(arn).orElseThrow()));
    }
}
