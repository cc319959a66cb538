package dev.millrace.invoke;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PayloadTest {

    private static final Payload SEGMENTS = Payload.of(List.of(bytes("one "), bytes(""), bytes("zwei "), bytes("trè")));

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void joinsItsSegments() {
        assertThat(SEGMENTS.size()).isEqualTo(13);
        assertThat(SEGMENTS.text()).isEqualTo("one zwei trè");
        assertThat(SEGMENTS.bytes()).hasSize(13);
    }

    @Test
    void writesTheSameBytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SEGMENTS.writeTo(out);

        assertThat(out.toByteArray()).isEqualTo(SEGMENTS.bytes());
    }

    @Test
    void aSingleSegmentIsNotCopied() {
        byte[] bytes = bytes("text");

        assertThat(Payload.of(bytes).bytes()).isSameAs(bytes);
        assertThat(Payload.EMPTY.bytes()).isEmpty();
        assertThat(Payload.EMPTY.size()).isZero();
    }

    @Test
    void keepsItsContentOutOfLogs() {
        assertThat(Payload.ofText("secret")).hasToString("Payload[6 bytes]");
    }
}
