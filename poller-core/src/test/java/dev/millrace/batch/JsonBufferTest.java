package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBufferTest {

    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "{\"a\":\"b\\c\"}",
                "\b\f\n\r\t\u0000\u001f\u007f",
                "é ß € 漢字 \u2028",
                "😀👩‍👩‍👧",
                "a\ud800b",
                "\udc00\ud800",
                "\ud800",
            })
    void whatIsWrittenReadsBackTheSame(String text) throws IOException {
        assertThat(JSON.readTree(written(text)).textValue()).isEqualTo(text);
    }

    @Test
    void anyTextReadsBackTheSame() throws IOException {
        Random random = new Random(4711);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(3_000);
            int bound = random.nextBoolean() ? 0x100 : 0x10000;
            for (int j = 0; j < length; j++) {
                text.append(random.nextInt(10) == 0 ? (char) random.nextInt(bound) : 'x');
            }
            byte[] written = written(text.toString());
            assertThat(JSON.readTree(written).textValue()).isEqualTo(text.toString());
            assertThat(written).hasSize(JsonBuffer.lengthOf(text.toString()));
        }
    }

    @Test
    void writesIntoAnArrayThatIsLargeEnough() {
        byte[] array = "[          ]".getBytes(StandardCharsets.US_ASCII);
        JsonBuffer buffer = JsonBuffer.into(array, 1).string("é\n").raw(',').number(120);

        assertThat(buffer.end()).isEqualTo(11);
        assertThat(array).asString(StandardCharsets.UTF_8).isEqualTo("[\"é\\n\",120]");
        assertThatThrownBy(() -> buffer.base64(new byte[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no room");
    }

    @Test
    void nonAsciiTextIsWrittenAsUtf8() {
        assertThat(written("é€😀")).asString(StandardCharsets.UTF_8).isEqualTo("\"é€😀\"");
        String last = Character.toString(Character.MAX_CODE_POINT);
        assertThat(written(last)).asString(StandardCharsets.UTF_8).isEqualTo('"' + last + '"');
    }

    @Test
    void pairsOfSurrogatesAcrossChunksStayTogether() {
        String text = "x".repeat(1023) + "😀" + "x".repeat(1022) + "😀";

        assertThat(written(text)).asString(StandardCharsets.UTF_8).isEqualTo('"' + text + '"');
    }

    @Test
    void oneBufferServesManyRecords() {
        JsonBuffer buffer = new JsonBuffer(1);

        byte[] first = buffer.raw("{\"a\":".getBytes(StandardCharsets.UTF_8))
                .string("b")
                .raw('}')
                .take();
        byte[] second = buffer.string("c").take();

        assertThat(first).asString(StandardCharsets.UTF_8).isEqualTo("{\"a\":\"b\"}");
        assertThat(second).asString(StandardCharsets.UTF_8).isEqualTo("\"c\"");
    }

    private static byte[] written(String text) {
        return new JsonBuffer(16).string(text).take();
    }

    @Test
    void base64OfAnyLengthReadsBackTheSame() throws IOException {
        JsonBuffer buffer = new JsonBuffer(0);
        Random random = new Random(4711);
        for (int length = 0; length < 200; length++) {
            byte[] data = new byte[length * length];
            random.nextBytes(data);

            byte[] json = buffer.base64(data).take();

            assertThat(JSON.readTree(json).binaryValue()).isEqualTo(data);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 10, 99, 100, 1_767_322_800_123L, Long.MAX_VALUE})
    void numbersAreWrittenInDecimal(long number) {
        byte[] written = new JsonBuffer(0).raw('[').number(number).raw(']').take();

        assertThat(written).asString(StandardCharsets.US_ASCII).isEqualTo("[" + number + "]");
    }

    @Test
    void asciiTextIsWrittenAsItIs() {
        byte[] written = new JsonBuffer(1)
                .raw('"')
                .raw("49590338271490256608")
                .raw("")
                .raw('"')
                .take();

        assertThat(written).asString(StandardCharsets.US_ASCII).isEqualTo("\"49590338271490256608\"");
    }
}
